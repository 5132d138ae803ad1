import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseRecipe } from '../../src/core/recipe.ts';
import { startCommandBench, type CommandBench } from '../support/command-bench.ts';
import { createTestFolder, type TestFolder } from '../support/command-folder.ts';
import { interruptedAt } from '../support/interrupting.ts';
import { countMessages, listKeys } from '../support/pipeline.ts';
import { jsonLines } from '../support/json-lines.ts';
import { storeReport, storeResult } from '../support/stored.ts';

const kept = { key: 'photos/kept.png' };
const upload = { key: 'photos/gone.png' };

let bench: CommandBench;
let folder: TestFolder;
beforeAll(async () => {
  [bench, folder] = await Promise.all([startCommandBench(), createTestFolder()]);
  await folder.file('there.jsonl', '');
  await bench.upload(kept.key);
  await bench.convert(kept.key);
  await storeResult(bench.s3, { bucket: 'uploads', ...upload });
  await storeReport(bench.s3, { bucket: 'uploads', ...upload });
  const foreign = { Bucket: 'results', Key: `${upload.key}.txt`, Body: 'foreign' };
  await bench.s3.send(new PutObjectCommand(foreign));
});
afterAll(async () => {
  await bench.stop();
  await folder.remove();
});

const millrace = (...args: string[]) => bench.run(...args);
const linesOf = (stdout: string): unknown[] => {
  expect(stdout).toMatch(/\n$/);
  return jsonLines(stdout);
};

/** A failure report of the first upload, and the result of the second. */
const found = () => {
  const { key } = upload;
  const about = { type: 'orphan', key, source: { bucket: 'uploads', key }, bytes: expect.any(Number) };
  return [
    { ...about, kind: 'report', bucket: 'failures' },
    { ...about, kind: 'result', bucket: 'results' },
  ];
};
const counts = { basis: 'objects', results: 1, reports: 1, bytes: expect.any(Number), unknown: 1 };

describe('millrace status --orphans', () => {
  it('lists each as a JSON line, then counts; exit code 0', async () => {
    const { code, stdout, stderr } = await millrace('status', '--orphans', '--json');
    expect(linesOf(stdout)).toEqual([...found(), { type: 'summary', ...counts }]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('accepts a key as a prefix', async () => {
    const { stdout } = await millrace('status', upload.key, '--orphans', '--json');
    expect(linesOf(stdout)).toEqual([...found(), { type: 'summary', ...counts }]);
    const none = await millrace('status', `${upload.key}/`, '--orphans', '--json');
    expect(linesOf(none.stdout)).toEqual([
      { type: 'summary', basis: 'objects', results: 0, reports: 0, bytes: 0, unknown: 0 },
    ]);
  });

  it('prints for people what it left out, and why', async () => {
    const { code, stdout, stderr } = await millrace('status', '--orphans');
    expect(stdout.split('\n').slice(0, 2)).toEqual([
      `s3://failures/${upload.key}`,
      `s3://results/${upload.key}`,
    ]);
    expect(stdout).toMatch(/^1 result and 1 failure report whose upload was deleted, [\d.]+ \w+$/m);
    expect(stderr).toMatch(/^1 object left out: not made by this pipeline, or for a rendition/);
    expect(code).toBe(0);
  });
});

describe('millrace backfill --orphans', () => {
  it.each([[[]], [['--dry-run', '--yes']]])(
    'without --yes or with --dry-run deletes nothing: %j',
    async (more) => {
      const { code, stdout } = await millrace('backfill', '', '--orphans', '--json', ...more);
      expect(linesOf(stdout)).toEqual([
        ...found(),
        { type: 'summary', ...counts, removed: 0, kept: 0, queued: 0 },
      ]);
      expect(code).toBe(0);
      expect(await listKeys(bench.s3, 'results')).toContain(upload.key);
    },
  );

  it.each([
    ['backfill 2025/ --orphans --yes', 'name a new one with --export'],
    ['backfill 2025/ --orphans --stale', 'cannot be used with'],
    ['backfill 2025/ --orphans --failed', 'cannot be used with'],
    ['backfill 2025/ --orphans --by-listing', 'cannot be used with'],
    ['backfill 2025/ --orphans --rate 5', 'cannot be used with'],
    ['backfill 2025/ --export @new.jsonl --yes', 'add --orphans or --former'],
    ['backfill 2025/ --former --yes', '--former deletes only what a file says'],
    ['backfill 2025/ --former --orphans', 'cannot be used with'],
    ['backfill 2025/ --former --stale', 'cannot be used with'],
    ['backfill 2025/ --former --failed', 'cannot be used with'],
    ['backfill 2025/ --former --by-listing', 'cannot be used with'],
    ['backfill 2025/ --former --rate 5', 'cannot be used with'],
    ['status --former --orphans', 'cannot be used with'],
    ['backfill 2025/ --orphans --export @there.jsonl --yes', 'there.jsonl already exists'],
    ['status --orphans --missing', 'cannot be used with'],
    ['status --orphans --verify', 'cannot be used with'],
    ['status --orphans --watch', 'cannot be used with'],
    ['status --former --missing', 'cannot be used with'],
    ['status --former --verify', 'cannot be used with'],
    ['status --former --watch', 'cannot be used with'],
  ])('wrong usage: millrace %s', async (line, message) => {
    const words = line.split(' ').map((word) => word.replace(/^@/, `${folder.path}/`));
    const { code, stdout, stderr } = await millrace(...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('with --export and --yes deletes them, each with a line in the file', async () => {
    const file = folder.at('orphans.jsonl');
    const all = ['backfill', '', '--orphans', '--export', file, '--yes', '--json'];
    const { code, stdout } = await millrace(...all);
    expect(linesOf(stdout)).toEqual([{ type: 'summary', ...counts, removed: 2, kept: 0, queued: 0, file }]);
    expect(code).toBe(0);
    expect(linesOf(await readFile(file, 'utf8'))).toMatchObject(found());
    expect(await listKeys(bench.s3, 'failures')).toEqual([]);
    const left = await listKeys(bench.s3, 'results');
    expect(left).not.toContain(upload.key);
    expect(left.toSorted()).toEqual([kept.key, `${upload.key}.txt`].toSorted());
  });

  it('then finds none, and writes no file', async () => {
    const file = folder.at('none.jsonl');
    const { stdout, stderr } = await millrace('backfill', '', '--orphans', '--export', file, '--yes');
    expect(stdout).toBe('0 objects deleted\n');
    expect(stderr).toMatch(/^1 object left out/);
    await expect(readFile(file)).rejects.toThrow('ENOENT');
  });
});

describe('of former rules', () => {
  /** A result of an upload that exists, one of an upload that does not, and one of a bucket that is not ours. */
  const FORMER = [
    { key: 'thumb/photos/kept.png', source: { bucket: 'uploads', key: kept.key } },
    { key: 'thumb/photos/lost.png', source: { bucket: 'uploads', key: 'photos/lost.png' } },
    { key: 'thumb/photos/other.png', source: { bucket: 'elsewhere', key: 'photos/other.png' } },
  ];
  const queue = () => bench.ops.deployment.conversionQueueUrl;
  const former = (...indexes: number[]) =>
    FORMER.filter((_, index) => indexes.includes(index)).map((each) => ({
      type: 'former',
      kind: 'result',
      bucket: 'results',
      ...each,
      rendition: 'thumb',
      bytes: 6,
    }));
  const none = { type: 'summary', basis: 'objects', results: 0, reports: 0, bytes: 0, unknown: 0 };
  const present = async () =>
    (await listKeys(bench.s3, 'results')).filter((key) => key.startsWith('thumb/')).toSorted();

  beforeAll(async () => {
    for (const { key: Key, source } of FORMER)
      await storeResult(bench.s3, source, { Key, rendition: 'thumb', Body: 'result' });
    await bench.sqs.send(new PurgeQueueCommand({ QueueUrl: queue() }));
  });

  it('status --former lists them, but not results that the rules still name', async () => {
    const { code, stdout, stderr } = await millrace('status', '--former', '--json');
    const summary = { ...none, results: 2, bytes: 12, unknown: 2 };
    expect(linesOf(stdout)).toEqual([...former(0, 1), summary]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const listed = await millrace('status', '--former');
    expect(listed.stdout).toBe(
      's3://results/thumb/photos/kept.png\ns3://results/thumb/photos/lost.png\n' +
        '2 results under names that only former rules used, 12 bytes\n',
    );
    expect(listed.stderr).toMatch(/^2 objects left out: [^;]*no longer has\n$/);
  });

  it('status --former leaves out those of other uploads', async () => {
    const lost = await millrace('status', 'photos/l', '--former', '--json');
    expect(linesOf(lost.stdout)).toEqual([...former(1), { ...none, results: 1, bytes: 6 }]);
    const nothing = await millrace('status', 'scans/', '--former', '--json');
    expect(linesOf(nothing.stdout)).toEqual([none]);
  });

  it.each([[[]], [['--dry-run', '--yes']]])('backfill --former %j deletes nothing', async (more) => {
    const { code, stdout, stderr } = await millrace('backfill', '', '--former', ...more);
    expect(stdout).toMatch(/^would delete 2 results under names that only former rules used, 12 bytes$/m);
    expect(stderr).toContain('to delete them: --export FILE --yes');
    expect([code, await present()]).toEqual([0, FORMER.map(({ key }) => key)]);
    const nothing = await millrace('backfill', 'scans/', '--former', ...more);
    expect(nothing).toMatchObject({ code: 0, stderr: '' });
  });

  it('backfill --former that is interrupted before it finds any deletes none, and exits with 130', async () => {
    const file = folder.at('interrupted.jsonl');
    const all = ['backfill', '', '--former', '--export', file, '--yes'];
    const { code, stderr } = await interruptedAt(/^GET \/results.*list-type=2/, () => millrace(...all));
    expect(code).toBe(130);
    expect(stderr).toContain('interrupted; the same command with another file deletes the rest');
    expect([await present(), existsSync(file)]).toEqual([FORMER.map(({ key }) => key), false]);
  });

  it('backfill --former deletes them, and queues the uploads that exist', async () => {
    const file = folder.at('former.jsonl');
    const { code, stdout, stderr } = await millrace('backfill', '', '--former', '--export', file, '--yes');
    expect(stdout).toBe(`2 objects deleted, listed in ${file}\n`);
    expect(stderr).toMatch(/^1 upload queued: .*\n2 objects left out: .*\n$/);
    expect(code).toBe(0);
    expect(linesOf(await readFile(file, 'utf8'))).toMatchObject(former(0, 1));
    expect(await present()).toEqual(['thumb/photos/other.png']);
    expect(await countMessages(bench.sqs, queue())).toBe(1);
  });
});

describe('with a recipe that deletes results with their uploads', () => {
  let deleting: CommandBench;
  beforeAll(async () => {
    const renditions = ['large', 'small'].map((name) => ({ name }));
    deleting = await startCommandBench(parseRecipe(JSON.stringify({ renditions, whenDeleted: 'delete' })));
    await deleting.s3.send(new PutObjectCommand({ Bucket: 'results', Key: 'outside', Body: 'x' }));
  });
  afterAll(() => deleting.stop());

  it('status --orphans says when they will be deleted, if there are any', async () => {
    const none = await deleting.run('status', '--orphans');
    expect(none).toMatchObject({ code: 0, stderr: expect.not.stringContaining('reconciliation') });
    await storeReport(deleting.s3, { bucket: 'uploads', key: 'gone.jpg' });
    const one = await deleting.run('status', '--orphans');
    expect(one.stderr).toContain('the next reconciliation queues them for deletion');
    const former = await deleting.run('status', '--former');
    expect(former.stderr).not.toContain('reconciliation');
  });

  it('status --orphans counts objects outside the folders of the renditions, but only for all keys', async () => {
    const [summary] = (await deleting.lines('status', '--orphans')).slice(-1);
    expect(summary).toMatchObject({ unknown: 1 });
    const [some] = (await deleting.lines('status', 'o', '--orphans')).slice(-1);
    expect(some).toMatchObject({ unknown: 0 });
  });
});

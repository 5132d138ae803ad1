import { readFile } from 'node:fs/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { millraceHere } from '../support/command-here.ts';
import { createTestFolder, type TestFolder } from '../support/command-folder.ts';
import { tinyPng } from '../support/images.ts';
import { ownUpload, type OwnUpload } from '../support/own-upload.ts';
import { listKeys, startTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { jsonLines } from '../support/json-lines.ts';

let pipeline: TestPipeline;
let folder: TestFolder;
let kept: OwnUpload;
let upload: OwnUpload;
beforeAll(async () => {
  [pipeline, folder] = await Promise.all([startTestPipeline({ concurrency: 1 }), createTestFolder()]);
  await folder.file('there.jsonl', '');
  kept = ownUpload(pipeline);
  await kept.put(await tinyPng());
  upload = ownUpload(pipeline);
  await upload.put('no image');
  await upload.put(await tinyPng());
  await upload.remove();
  const foreign = { Bucket: 'results', Key: `${upload.key}.txt`, Body: 'foreign' };
  await pipeline.s3.send(new PutObjectCommand(foreign));
});
afterAll(async () => {
  await pipeline.stop();
  await folder.remove();
});

const millrace = (...args: string[]) => millraceHere(...args, '--endpoint', pipeline.url);
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
      expect(await listKeys(pipeline.s3, 'results')).toContain(upload.key);
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
    ['status --former --orphans', 'cannot be used with'],
    ['backfill 2025/ --orphans --export @there.jsonl --yes', 'there.jsonl already exists'],
    ['status --orphans --missing', 'cannot be used with'],
    ['status --orphans --verify', 'cannot be used with'],
    ['status --orphans --watch', 'cannot be used with'],
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
    expect(await listKeys(pipeline.s3, 'failures')).toEqual([]);
    const left = await listKeys(pipeline.s3, 'results');
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

import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { findObject, showObject } from '../../src/cli/status/show-object.ts';
import type { ObjectStatus } from '../../src/ops/object-status.ts';
import { startCommandBench, type CommandBench } from '../support/command-bench.ts';
import type { Finished } from '../support/command.ts';
import { nextSecond } from '../support/eventually.ts';
import { interruptedAt } from '../support/interrupting.ts';
import { storeResult } from '../support/stored.ts';

let bench: CommandBench;
/** An upload with a result, one with a failure report, one with neither, and a folder. */
beforeAll(async () => {
  bench = await startCommandBench();
  for (const key of ['good.jpg', 'bad.jpg', 'open.jpg']) await bench.upload(`photos/${key}`);
  await bench.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: 'photos/', Body: '' }));
  await nextSecond();
  await bench.convert('photos/good.jpg');
  await bench.fail('photos/bad.jpg');
});
afterAll(() => bench.stop());

/** Runs `millrace status --watch`, and `act` at its first output. */
async function watch(prefix: string, act: () => Promise<void>): Promise<Finished> {
  const running = bench.run('status', prefix, '--watch');
  const capture = process.stdout.write;
  let acted: Promise<void> | undefined;
  process.stdout.write = (text: string) => {
    acted ??= act();
    return capture.call(process.stdout, text);
  };
  const finished = await running;
  await acted;
  return finished;
}

describe('millrace status', () => {
  it('counts uploads by state', async () => {
    const { code, stdout } = await bench.run('status');
    expect({ code, stdout }).toEqual({
      code: 4,
      stdout: '4 uploaded, 1 converted, 1 failed, 1 pending, 1 ignored\n',
    });
    expect(await bench.lines('status', 'photos', '--verify')).toEqual([
      {
        type: 'summary',
        basis: 'objects',
        uploaded: 4,
        converted: 1,
        failed: 1,
        pending: 1,
        ignored: 1,
        stale: 0,
      },
    ]);
  });

  it('lists what is missing', async () => {
    expect((await bench.run('status', '--missing')).stdout).toMatch(
      /^s3:\/\/uploads\/photos\/open\.jpg\n4 uploaded/,
    );
    expect(await bench.lines('status', '--missing')).toMatchObject([
      { type: 'missing', bucket: 'uploads', key: 'photos/open.jpg', bytes: 10 },
      { type: 'summary', basis: 'listings' },
    ]);
  });

  it('shows one object in full, and ends according to its state', async () => {
    const good = await bench.run('status', 'photos/good.jpg');
    expect(good).toMatchObject({ code: 0 });
    expect(good.stdout).toBe(
      'photos/good.jpg: converted\n  web  photos/good.jpg  image/webp  4 x 3  6 bytes\n',
    );
    const bad = await bench.run('status', 'photos/bad.jpg');
    expect(bad).toMatchObject({ code: 1 });
    expect(bad.stdout).toMatch(
      /^photos\/bad\.jpg: failed\n {2}image\.corrupt: m\n {2}after 1 attempt, at .*\n {2}logs: group stream, request request\n$/,
    );
    expect(await bench.run('status', 'photos/open.jpg')).toMatchObject({
      code: 4,
      stdout: 'photos/open.jpg: pending\n',
    });
    expect(await bench.lines('status', 'photos/open.jpg')).toEqual([
      { type: 'object', basis: 'objects', status: 'pending', key: 'photos/open.jpg' },
    ]);
  });

  it('counts the uploads in a folder that has a placeholder', async () => {
    expect(await bench.run('status', 'photos/')).toMatchObject({
      code: 4,
      stdout: '4 uploaded, 1 converted, 1 failed, 1 pending, 1 ignored\n',
    });
    expect((await bench.lines('status', 'photos/', '--missing'))[0]).toMatchObject({
      key: 'photos/open.jpg',
    });
  });

  it('ends with 1 if some failed and none is pending, and with 0 if all are converted', async () => {
    expect((await bench.run('status', 'photos/b')).code).toBe(1);
    expect((await bench.run('status', 'photos/g')).code).toBe(0);
  });

  it('with --watch ends once nothing is pending', async () => {
    const watched = await bench.run('status', 'photos/g', '--watch');
    expect(watched).toEqual({
      code: 0,
      stdout: '1 uploaded, 1 converted, 0 failed, 0 pending\n',
      stderr: expect.stringContaining('from listings'),
    });
    expect((await bench.run('status', 'photos/good.jpg', '--watch')).code).toBe(0);
  });

  it('with --watch repeats until nothing is pending, or until the object has an outcome', async () => {
    for (const [prefix, last] of [
      ['watched/', '1 uploaded, 1 converted, 0 failed, 0 pending\n'],
      ['seen.jpg', 'seen.jpg: converted\n  web  seen.jpg  image/webp  4 x 3  6 bytes\n'],
    ] as const) {
      const key = prefix.endsWith('/') ? `${prefix}a.jpg` : prefix;
      await bench.upload(key);
      await nextSecond();
      const { code, stdout, stderr } = await watch(prefix, () => bench.convert(key));
      expect(code).toBe(0);
      expect(stdout).toMatch(/pending\n/);
      expect(stdout.endsWith(last)).toBe(true);
      // Not at each poll.
      expect(stderr.split('from listings')).toHaveLength(prefix.endsWith('/') ? 2 : 1);
    }
  });

  it('with --watch ends at Ctrl-C as pending', async () => {
    const watching = interruptedAt(/^GET \/uploads/, () => bench.run('status', 'photos', '--watch'));
    expect(await watching).toMatchObject({ code: 4, stderr: expect.stringContaining('from listings') });
  });

  it('counts what is under an older recipe only where it checks each object', async () => {
    const listed = await bench.run('status', 'photos/g');
    expect(listed.stderr).toContain('--verify checks each object');
    expect(await bench.run('status', 'photos/g', '--verify')).toMatchObject({
      stdout: '1 uploaded, 1 converted (0 under an older recipe), 0 failed, 0 pending\n',
      stderr: '',
    });
  });

  it('says what a newer recipe would convert again', async () => {
    const key = 'old/a.jpg';
    await bench.upload(key);
    await nextSecond();
    await bench.convert(key, { recipe: 'older', generation: 0 });
    expect(await bench.run('status', 'old/', '--verify')).toMatchObject({
      code: 0,
      stdout: '1 uploaded, 1 converted (1 under an older recipe), 0 failed, 0 pending\n',
    });
    expect((await bench.lines('status', 'old/', '--verify')).at(-1)).toMatchObject({ stale: 1 });
    expect((await bench.run('status', key)).stdout).toContain(
      '\n  under an older recipe: `millrace backfill KEY --stale` converts it again\n',
    );
  });

  it('lists missing keys without control characters', async () => {
    await bench.upload('odd/a\u001b.jpg');
    expect((await bench.run('status', 'odd/', '--missing')).stdout).toMatch(
      /^s3:\/\/uploads\/odd\/a\\u001b\.jpg\n1 uploaded/,
    );
  });

  it('fails if no upload has the prefix', async () => {
    const { code, stdout, stderr } = await bench.run('status', 'nowhere/');
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: '0 uploaded, 0 converted, 0 failed, 0 pending\n',
    });
    expect(stderr).toContain('nowhere/');
    expect(stderr).not.toContain('is the key of a result');
  });

  it('succeeds for a pipeline without uploads', async () => {
    const empty = await startCommandBench();
    try {
      expect(await empty.run('status')).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^0 uploaded/),
      });
    } finally {
      await empty.stop();
    }
  });

  it('names the upload of a result', async () => {
    await storeResult(bench.s3, { bucket: 'uploads', key: 'lost.jpg' }, { Key: 'web/lost.jpg' });
    const { code, stderr } = await bench.run('status', 'web/lost.jpg');
    expect(code).toBe(1);
    expect(stderr).toContain('web/lost.jpg is the key of a result; its upload is lost.jpg\n');
  });

  it('names no upload of an object that is no result', async () => {
    await bench.s3.send(new PutObjectCommand({ Bucket: 'results', Key: 'foreign.jpg', Body: 'x' }));
    const { stderr } = await bench.run('status', 'foreign.jpg');
    expect(stderr).not.toContain('is the key of a result');
  });
});

describe('the status of an object', () => {
  afterEach(() => vi.restoreAllMocks());

  /** Returns what is printed. */
  function shown(status: ObjectStatus): string {
    let printed = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed += String(text);
      return true;
    });
    showObject(status, undefined);
    process.exitCode = 0;
    return printed;
  }

  it('is found in whichever upload bucket the object is', async () => {
    const deployment = { ...bench.ops.deployment, uploadBuckets: ['failures', 'uploads'] };
    const pipeline = { ...bench.ops, name: 'p', deployment };
    expect(await findObject(pipeline, 'photos/open.jpg')).toMatchObject({ status: 'pending' });
    expect(await findObject(pipeline, 'nowhere.jpg')).toBeUndefined();
  });

  it('leaves out the size of a result that has none, and control characters', () => {
    const result = { rendition: 'web', key: 'b\u001b', contentType: 'text/csv', bytes: 1234 };
    const results = [result, { ...result, width: 4 }, { ...result, height: 3 }];
    expect(shown({ status: 'converted', key: 'a\u001b', stale: false, results })).toBe(
      `a\\u001b: converted\n${'  web  b\\u001b  text/csv  1,234 bytes\n'.repeat(3)}`,
    );
  });

  it('tells a failure in full', () => {
    expect(
      shown({
        status: 'failed',
        key: 'a.jpg',
        code: 'image.corrupt',
        message: 'no\u001bimage',
        attempts: 3,
        at: '2026-01-31T08:00:00.000Z',
        logGroup: 'group',
        logStream: 'stream',
        requestId: 'request',
        messageId: 'message',
      }),
    ).toBe(
      'a.jpg: failed\n  image.corrupt: no\\u001bimage\n  after 3 attempts, at 2026-01-31T08:00:00.000Z\n' +
        '  logs: group stream, request request\n',
    );
  });
});

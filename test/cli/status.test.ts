import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCommandBench, type CommandBench } from '../support/command-bench.ts';
import { nextSecond } from '../support/eventually.ts';
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
    expect(await bench.run('status', 'photos/')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^photos\/: ignored\n/),
    });
    expect(await bench.lines('status', 'photos/open.jpg')).toEqual([
      { type: 'object', basis: 'objects', status: 'pending', key: 'photos/open.jpg' },
    ]);
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
      stderr: '',
    });
    expect((await bench.run('status', 'photos/good.jpg', '--watch')).code).toBe(0);
  });

  it('counts what is under an older recipe only where it checks each object', async () => {
    const listed = await bench.run('status', 'photos/g');
    expect(listed.stderr).toContain('--verify checks each object');
    expect(await bench.run('status', 'photos/g', '--verify')).toMatchObject({
      stdout: '1 uploaded, 1 converted (0 under an older recipe), 0 failed, 0 pending\n',
      stderr: '',
    });
  });

  it('fails if no upload has the prefix', async () => {
    const { code, stderr } = await bench.run('status', 'nowhere/');
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('nowhere/') });
  });

  it('names the upload of a result', async () => {
    await storeResult(bench.s3, { bucket: 'uploads', key: 'lost.jpg' }, { Key: 'web/lost.jpg' });
    const { code, stderr } = await bench.run('status', 'web/lost.jpg');
    expect(code).toBe(1);
    expect(stderr).toContain('web/lost.jpg is the key of a result');
  });
});

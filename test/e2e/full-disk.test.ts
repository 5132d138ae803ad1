import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paginateListObjectsV2, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { localClientConfig } from '@millrace/local-aws/client-config';
import { millraceStart, type Started } from '../support/command.ts';
import { needs } from '../support/needs.ts';
import { takesLong } from '../support/takes-long.ts';

takesLong();

let folder: string;
let started: Started | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
});
afterAll(async () => {
  await started?.end('SIGKILL');
  spawnSync('umount', ['--lazy', folder]);
  await rm(folder, { recursive: true, force: true });
});

it(
  'a pipeline whose disk is full ends with exit code 3, and has all acknowledged data after a restart',
  needs('mounts'),
  async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]);
    started = await millraceStart('--data', join(folder, 'data'));
    const ended = once(started.child, 'exit');
    const client = (url: string) =>
      new S3Client({ ...localClientConfig(url), forcePathStyle: true, maxAttempts: 1 });
    const s3 = client(started.awsUrl);
    const acknowledged: string[] = [];
    const filler = join(folder, 'filler');
    await writeFile(filler, Buffer.alloc(4 * 1024 * 1024)).catch(() => undefined);
    for (let index = 0; started.child.exitCode === null && index < 5000; index += 1) {
      const Key = `empty/${index}`;
      // With empty objects, only the journal grows.
      const put = new PutObjectCommand({ Bucket: 'uploads', Key, Body: '' });
      await s3.send(put).then(
        () => acknowledged.push(Key),
        () => undefined,
      );
    }
    s3.destroy();
    expect((await ended)[0]).toBe(3);
    await rm(filler);

    started = await millraceStart('--data', join(folder, 'data'));
    const again = client(started.awsUrl);
    const kept = new Set<string>();
    for await (const { Contents = [] } of paginateListObjectsV2({ client: again }, { Bucket: 'uploads' }))
      for (const { Key = '' } of Contents) kept.add(Key);
    again.destroy();
    expect(acknowledged.filter((key) => !kept.has(key))).toEqual([]);
    expect(await started.end('SIGTERM')).toBe(0);
  },
);

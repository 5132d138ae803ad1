import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { localClientConfig } from '../../src/local/client-config.ts';
import { millraceStart, type Started } from '../support/command.ts';
import { takesLong } from '../support/takes-long.ts';

takesLong();

/** Mounts need root; elsewhere a folder of the same disk stands in, and the test is left out. */
function mountSmallDisk(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

let folder: string;
let mounted: boolean;
let started: Started | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  mounted = mountSmallDisk(folder);
});
afterAll(async () => {
  await started?.end('SIGKILL');
  if (mounted) execFileSync('umount', ['--lazy', folder]);
  await rm(folder, { recursive: true, force: true });
});

it('a pipeline whose disk is full ends with exit code 3, and has all that was acknowledged when it starts again', async () => {
  if (!mounted) return;
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
    // Without content, only the journal grows.
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
  for (let token: string | undefined, more = true; more;) {
    const page: { Contents?: { Key?: string }[]; NextContinuationToken?: string } = await again.send(
      new ListObjectsV2Command({ Bucket: 'uploads', ContinuationToken: token }),
    );
    for (const { Key = '' } of page.Contents ?? []) kept.add(Key);
    token = page.NextContinuationToken;
    more = token !== undefined;
  }
  again.destroy();
  expect(acknowledged.filter((key) => !kept.has(key))).toEqual([]);
  expect(await started.end('SIGTERM')).toBe(0);
});

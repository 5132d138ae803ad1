import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, it, onTestFinished } from 'vitest';
import { startLocalAws } from '../src/aws.ts';

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'local-aws-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

// A file of its own: a thread, in which mutants run, cannot change its working directory.
it('a local AWS keeps its folder if the process changes its working directory', async () => {
  const [parent, elsewhere, before] = [await newFolder(), await newFolder(), process.cwd()];
  onTestFinished(() => process.chdir(before));
  process.chdir(parent);
  const aws = await startLocalAws({ folder: 'data' });
  onTestFinished(() => aws.stop());
  process.chdir(elsewhere);
  const s3 = new S3Client(aws.clientConfig);
  onTestFinished(() => s3.destroy());
  await s3.send(new CreateBucketCommand({ Bucket: 'files' }));
  await s3.send(new PutObjectCommand({ Bucket: 'files', Key: 'a', Body: 'content' }));
  expect(aws.folder).toBe(join(await realpath(parent), 'data'));
  expect(await readdir(join(parent, 'data', 'blobs'))).toHaveLength(1);
  expect(await readdir(elsewhere)).toEqual([]);
});

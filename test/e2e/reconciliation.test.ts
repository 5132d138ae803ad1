import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutBucketVersioningCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { photo } from '../support/images.ts';
import { startPersistentAws } from '../support/persistent-aws.ts';
import { clientsOf, listKeys, startTestPipeline } from '../support/pipeline.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Leaves an upload without a message in the data folder. */
async function uploadUnheard(Key: string): Promise<void> {
  const aws = await startPersistentAws(folder);
  const { s3, sqs } = clientsOf(aws.url);
  await s3.send(new CreateBucketCommand({ Bucket: 'uploads' }));
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket: 'uploads', VersioningConfiguration }));
  await s3.send(new PutObjectCommand({ Bucket: 'uploads', Key, Body: await photo() }));
  s3.destroy();
  sqs.destroy();
  await aws.stop();
}

it('a pipeline that starts with an upload without a message converts it, however recent it is', async () => {
  await uploadUnheard('lost.jpg');
  const pipeline = await startTestPipeline({ data: folder });
  try {
    await eventually('it is converted', async () =>
      (await listKeys(pipeline.s3, 'results')).includes('lost.jpg'),
    );
    expect(pipeline.notices).toContainEqual(expect.stringContaining('1 upload had neither a result'));
  } finally {
    await pipeline.stop();
  }
});

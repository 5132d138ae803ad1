import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateMultipartUploadCommand,
  GetBucketLifecycleConfigurationCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { MACHINE } from '@millrace/local-aws/models';
import { DEFAULT_RECIPE } from '../../src/core/recipe.ts';
import { createResources } from '../../src/local/resources.ts';
import { ageFolder } from '../../packages/local-aws/test/support/age-folder.ts';
import { eventually } from '../support/eventually.ts';
import { startPersistentAws } from '../support/persistent-aws.ts';
import { clientsOf, listKeys } from '../support/pipeline.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function open() {
  const aws = await startPersistentAws(folder);
  await createResources(aws.url, DEFAULT_RECIPE);
  const { s3, sqs } = clientsOf(aws.url);
  return {
    s3,
    async stop() {
      s3.destroy();
      sqs.destroy();
      await aws.stop();
    },
  };
}

const contents = async () => (await readdir(join(folder, 'blobs'))).length;

it('a data folder that was used for a month has no old versions, dead letters and parts, and everything current', async () => {
  const before = await open();
  const put = (Bucket: string, Key: string, Body: string) =>
    before.s3.send(
      new PutObjectCommand({ Bucket, Key, Body, ...(Bucket === 'uploads' ? {} : { IfNoneMatch: '*' }) }),
    );
  for (let version = 1; version <= 20; version += 1) await put('uploads', 'photo.jpg', `version ${version}`);
  await put('results', 'photo.jpg', 'a result');
  await put('failures', 'photo.jpg.json', 'a report');
  await put('failures', '.millrace/archive/letter.json', 'a letter');
  const parts = { Bucket: 'uploads', Key: 'parts' };
  const { UploadId } = await before.s3.send(new CreateMultipartUploadCommand(parts));
  await before.s3.send(new UploadPartCommand({ ...parts, UploadId, PartNumber: 1, Body: 'part' }));
  const rules = await before.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: 'uploads' }));
  expect(rules.Rules?.map(({ ID }) => ID)).toEqual([
    'abandoned-multiparts',
    'old-versions',
    'delete-markers',
  ]);
  expect(await contents()).toBe(24);
  await before.stop();

  await ageFolder(folder, 31);
  const after = await open();
  await eventually('what is too old has gone', async () => (await contents()) === 3);
  const { Versions = [] } = await after.s3.send(new ListObjectVersionsCommand({ Bucket: 'uploads' }));
  expect(Versions).toMatchObject([{ Key: 'photo.jpg', IsLatest: true, Size: 'version 20'.length }]);
  expect(await listKeys(after.s3, 'results')).toEqual(['photo.jpg']);
  expect(await listKeys(after.s3, 'failures')).toEqual(['photo.jpg.json']);
  const { Uploads = [] } = await after.s3.send(new ListMultipartUploadsCommand({ Bucket: 'uploads' }));
  expect(Uploads).toEqual([]);
  await after.stop();
});

it('a data folder that was unused for a year is unchanged', async () => {
  const before = await open();
  for (const Body of ['old', 'new'])
    await before.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: 'photo.jpg', Body }));
  await before.stop();
  const inAYear = { ...MACHINE, wall: () => MACHINE.wall() + 365 * 86_400_000 };
  const after = await startPersistentAws(folder, inAYear);
  await after.stop();
  expect(await contents()).toBe(2);
});

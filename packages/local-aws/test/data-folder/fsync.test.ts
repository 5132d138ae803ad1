import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ClassicLevel } from 'classic-level';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startLocalAws, type LocalAws } from '../../src/index.ts';

let aws: LocalAws;
let folder: string;
let s3: S3Client;
let sqs: SQSClient;
/** Everything that was synced to disk, in order. */
let synced: string[];
afterEach(async () => {
  s3.destroy();
  sqs.destroy();
  await aws.stop();
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

/** Starts it with a bucket and a queue. Node and LevelDB are only observed; their behavior does not change. */
async function start(fsync: boolean): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  const handle = await open(folder);
  const files = Object.getPrototypeOf(handle) as object;
  await handle.close();
  synced = [];
  watch(files, 'datasync', () => 'content');
  watch(files, 'sync', () => 'names');
  watch(ClassicLevel.prototype, 'batch', (_operations, options) =>
    (options as { sync?: boolean }).sync === true ? 'journal' : undefined,
  );
  aws = await startLocalAws({ folder: join(folder, 'data'), fsync });
  s3 = new S3Client({ ...aws.clientConfig, forcePathStyle: true });
  sqs = new SQSClient(aws.clientConfig);
  await s3.send(new CreateBucketCommand({ Bucket: 'photos' }));
}

type Method = (this: unknown, ...args: unknown[]) => Promise<unknown>;

/** Records, under a name, that a method has completed. */
function watch(prototype: object, method: string, nameOf: (...args: unknown[]) => string | undefined): void {
  const methods = prototype as Record<string, Method>;
  const original = methods[method];
  if (original === undefined) throw new Error(`there is no method ${method}`);
  vi.spyOn(methods, method).mockImplementation(async function (this: unknown, ...args: unknown[]) {
    const answer = await original.apply(this, args);
    const name = nameOf(...args);
    if (name !== undefined) synced.push(name);
    return answer;
  });
}

/** Returns everything that was synced when a request was acknowledged. */
async function syncedBy(request: Promise<unknown>): Promise<string[]> {
  synced = [];
  await request;
  return [...synced];
}

const put = () => s3.send(new PutObjectCommand({ Bucket: 'photos', Key: 'a', Body: 'bytes' }));

describe('with fsync, before a request is acknowledged,', () => {
  beforeEach(() => start(true));

  it("an object's contents, its name in the folder and its journal entry are on disk, in this order", async () => {
    expect(await syncedBy(put())).toEqual(['content', 'names', 'journal']);
  });

  it("a copy's name is on disk", async () => {
    await put();
    const copy = new CopyObjectCommand({ Bucket: 'photos', Key: 'b', CopySource: 'photos/a' });
    expect(await syncedBy(s3.send(copy))).toEqual(['names', 'journal']);
  });

  it('each part of an upload is on disk, and then their object', async () => {
    const upload = { Bucket: 'photos', Key: 'c' };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(upload));
    const part = { ...upload, UploadId, PartNumber: 1 };
    const sending = s3.send(new UploadPartCommand({ ...part, Body: 'bytes' }));
    expect(await syncedBy(sending)).toEqual(['content', 'names', 'journal']);
    const { ETag } = await sending;
    const completed = new CompleteMultipartUploadCommand({
      ...upload,
      UploadId,
      MultipartUpload: { Parts: [{ ETag, PartNumber: 1 }] },
    });
    expect(await syncedBy(s3.send(completed))).toEqual(['journal']);
  });

  it('a message is on disk', async () => {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'events' }));
    expect(await syncedBy(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'm' })))).toContain(
      'journal',
    );
  });
});

it('without fsync, nothing waits for the disk', async () => {
  await start(false);
  expect(await syncedBy(put())).toEqual([]);
});

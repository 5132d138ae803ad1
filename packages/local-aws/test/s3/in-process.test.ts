import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLocalAws, type LocalAws } from '../../src/index.ts';

let aws: LocalAws;
let s3: S3Client;
beforeAll(async () => {
  aws = await startLocalAws();
  s3 = new S3Client({ ...aws.clientConfig, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'files' }));
});
afterAll(async () => {
  s3.destroy();
  await aws.stop();
});

const put = (key: string, content: string) =>
  aws.objects.put('files', key, Readable.from([Buffer.from(content)]));

describe('an object that was stored in-process', () => {
  it('is identical to one that a client stored', async () => {
    const { etag } = await put('greeting', 'hello');
    const answer = await s3.send(new GetObjectCommand({ Bucket: 'files', Key: 'greeting' }));
    expect(await answer.Body?.transformToString()).toBe('hello');
    expect(answer).toMatchObject({
      ETag: `"${etag}"`,
      ContentLength: 5,
      ContentType: 'binary/octet-stream',
      Metadata: {},
    });
  });

  it('can be read in-process', async () => {
    await put('long', 'x'.repeat(600_000));
    const { version, body } = await aws.objects.get('files', 'long');
    expect(version.bytes).toBe(600_000);
    expect(await text(body)).toBe('x'.repeat(600_000));
  });

  it('can be deleted, with a version id', async () => {
    const Bucket = 'versioned';
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    const first = await aws.objects.put(Bucket, 'a', Readable.from([Buffer.from('1')]));
    const second = await aws.objects.put(Bucket, 'a', Readable.from([Buffer.from('2')]));
    await aws.objects.delete(Bucket, 'a', first.versionId);
    const { Versions } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    expect(Versions?.map(({ VersionId }) => VersionId)).toEqual([second.versionId]);
    await aws.objects.delete(Bucket, 'a');
    await expect(aws.objects.get(Bucket, 'a')).rejects.toMatchObject({ code: 'NoSuchKey' });
  });

  it("notifies its bucket's queues", async () => {
    const sqs = new SQSClient(aws.clientConfig);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'events' }));
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
    );
    const QueueArn = Attributes?.QueueArn;
    const Events = ['s3:ObjectCreated:*' as const];
    await s3.send(new CreateBucketCommand({ Bucket: 'watched' }));
    await s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: 'watched',
        NotificationConfiguration: { QueueConfigurations: [{ QueueArn, Events }] },
      }),
    );
    await aws.objects.put('watched', 'a', Readable.from([Buffer.from('1')]));
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    expect(Messages.map(({ Body }) => Body).filter((body) => !body?.includes('s3:TestEvent'))).toEqual([
      expect.stringContaining('ObjectCreated:Put'),
    ]);
    sqs.destroy();
  });
});

describe('storing in-process', () => {
  it('leaves nothing behind if the body fails', async () => {
    const before = await readdir(join(aws.folder, 'blobs'));
    async function* broken() {
      yield Buffer.from('half');
      throw new Error('the disk is gone');
    }
    await expect(aws.objects.put('files', 'broken', broken())).rejects.toThrow('the disk is gone');
    await expect(s3.send(new HeadObjectCommand({ Bucket: 'files', Key: 'broken' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
    expect(await readdir(join(aws.folder, 'blobs'))).toEqual(before);
  });

  it('refuses what S3 refuses', async () => {
    await expect(put('x'.repeat(1025), 'long key')).rejects.toMatchObject({ code: 'KeyTooLongError' });
    await expect(aws.objects.put('missing', 'a', Readable.from([]))).rejects.toMatchObject({
      code: 'NoSuchBucket',
    });
  });

  it('finishes before the local AWS stops, and is refused afterwards', async () => {
    const other = await startLocalAws();
    const client = new S3Client({ ...other.clientConfig, forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: 'files' }));
    client.destroy();
    const body = new PassThrough();
    const begun = once(body, 'readable');
    const order: string[] = [];
    const write = other.objects.put('files', 'slow', body).then(() => order.push('stored'));
    body.write('half');
    await begun;
    const stop = other.stop().then(() => order.push('stopped'));
    await expect(other.objects.get('files', 'slow')).rejects.toThrow('has stopped');
    body.end('done');
    await Promise.all([write, stop]);
    expect(order).toEqual(['stored', 'stopped']);
  });
});

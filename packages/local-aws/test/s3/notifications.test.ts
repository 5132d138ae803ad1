import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketNotificationConfigurationCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCommand,
  type Event,
  type QueueConfiguration,
} from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { errorOf, QUEUE_ARN, startS3, type TestS3 } from './server.ts';

let server: TestS3;
beforeAll(async () => {
  server = await startS3();
});
afterAll(() => server.stop());
beforeEach(() => void server.deliveries.splice(0));

const configure = (Bucket: string, ...more: Partial<QueueConfiguration>[]) =>
  server.s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration: {
        QueueConfigurations: more.map((each) => ({
          QueueArn: QUEUE_ARN,
          Events: ['s3:ObjectCreated:*' as const],
          ...each,
        })),
      },
    }),
  );
const put = (Bucket: string, Key: string) =>
  server.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'content' }));
const records = () =>
  server.deliveries.flatMap(
    ({ body }) =>
      (
        JSON.parse(body) as {
          Records: { eventName: string; s3: { object: { key: string; sequencer: string } } }[];
        }
      ).Records,
  );

describe('a notification', () => {
  it("has S3's format", async () => {
    await server.s3.send(new CreateBucketCommand({ Bucket: 'shape' }));
    await server.s3.send(
      new PutBucketVersioningCommand({ Bucket: 'shape', VersioningConfiguration: { Status: 'Enabled' } }),
    );
    await configure('shape', { Id: 'mine' });
    server.deliveries.splice(0);
    const key = 'a folder/é+%(1)!🏞️.jpg';
    const { VersionId, ETag } = await put('shape', key);
    const [delivery] = server.deliveries;
    expect(delivery?.queueArn).toBe(QUEUE_ARN);
    expect(JSON.parse(delivery?.body ?? '')).toEqual({
      Records: [
        {
          eventVersion: expect.stringMatching(/^2\.\d+$/),
          eventSource: 'aws:s3',
          awsRegion: 'us-east-1',
          eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
          eventName: 'ObjectCreated:Put',
          userIdentity: { principalId: expect.any(String) },
          requestParameters: { sourceIPAddress: '127.0.0.1' },
          responseElements: { 'x-amz-request-id': expect.any(String), 'x-amz-id-2': expect.any(String) },
          s3: {
            s3SchemaVersion: '1.0',
            configurationId: 'mine',
            bucket: {
              name: 'shape',
              ownerIdentity: { principalId: expect.any(String) },
              arn: 'arn:aws:s3:::shape',
            },
            object: {
              key: 'a+folder/%C3%A9%2B%25%281%29%21%F0%9F%8F%9E%EF%B8%8F.jpg',
              size: 7,
              eTag: ETag?.replaceAll('"', ''),
              versionId: VersionId,
              sequencer: expect.stringMatching(/^[0-9A-F]+$/),
            },
          },
        },
      ],
    });
  });

  it('is sent for every way of creating an object, each with a greater sequencer', async () => {
    await server.s3.send(new CreateBucketCommand({ Bucket: 'ways' }));
    await configure('ways', {});
    server.deliveries.splice(0);
    await put('ways', 'k');
    await server.s3.send(new CopyObjectCommand({ Bucket: 'ways', Key: 'copy', CopySource: 'ways/k' }));
    const { UploadId } = await server.s3.send(new CreateMultipartUploadCommand({ Bucket: 'ways', Key: 'k' }));
    const { ETag } = await server.s3.send(
      new UploadPartCommand({ Bucket: 'ways', Key: 'k', UploadId, PartNumber: 1, Body: 'x' }),
    );
    await server.s3.send(
      new CompleteMultipartUploadCommand({
        Bucket: 'ways',
        Key: 'k',
        UploadId,
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
      }),
    );
    const { url, fields } = await createPresignedPost(server.s3, { Bucket: 'ways', Key: 'k' });
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    form.set('file', new Blob(['x']));
    await fetch(url, { method: 'POST', body: form });
    await server.s3.send(new DeleteObjectCommand({ Bucket: 'ways', Key: 'k' }));
    expect(records().map(({ eventName }) => eventName)).toEqual([
      'ObjectCreated:Put',
      'ObjectCreated:Copy',
      'ObjectCreated:CompleteMultipartUpload',
      'ObjectCreated:Post',
    ]);
    const sequencers = records().map(({ s3 }) => s3.object.sequencer);
    expect(new Set(sequencers).size).toBe(4);
    expect(sequencers.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(sequencers);
  });

  it('is sent only for the configured events, prefixes and suffixes', async () => {
    await server.s3.send(new CreateBucketCommand({ Bucket: 'filters' }));
    const filter = (prefix: string, suffix: string) => ({
      Filter: {
        Key: {
          FilterRules: [
            { Name: 'prefix' as const, Value: prefix },
            { Name: 'suffix' as const, Value: suffix },
          ],
        },
      },
    });
    const removed: Event[] = ['s3:ObjectRemoved:*'];
    await configure('filters', filter('in/', '.jpg'), { Events: removed });
    server.deliveries.splice(0);
    for (const key of ['in/a.jpg', 'in/b.png', 'out/c.jpg']) await put('filters', key);
    await server.s3.send(new DeleteObjectCommand({ Bucket: 'filters', Key: 'out/c.jpg' }));
    expect(records().map(({ eventName, s3 }) => `${eventName} ${s3.object.key}`)).toEqual([
      'ObjectCreated:Put in/a.jpg',
      'ObjectRemoved:Delete out/c.jpg',
    ]);
    const { QueueConfigurations = [] } = await server.s3.send(
      new GetBucketNotificationConfigurationCommand({ Bucket: 'filters' }),
    );
    expect(QueueConfigurations).toMatchObject([
      { QueueArn: QUEUE_ARN, ...filter('in/', '.jpg') },
      { Events: removed },
    ]);
  });

  it('may be for one kind of event only', async () => {
    await server.s3.send(new CreateBucketCommand({ Bucket: 'kinds' }));
    await configure('kinds', { Events: ['s3:ObjectCreated:Copy'] });
    server.deliveries.splice(0);
    await put('kinds', 'a');
    await server.s3.send(new CopyObjectCommand({ Bucket: 'kinds', Key: 'b', CopySource: 'kinds/a' }));
    expect(records().map(({ eventName }) => eventName)).toEqual(['ObjectCreated:Copy']);
  });

  it('is preceded by a test message for each newly configured queue', async () => {
    await server.s3.send(new CreateBucketCommand({ Bucket: 'tested' }));
    await configure('tested', {}, { Id: 'second' });
    expect(server.deliveries.map(({ body }) => JSON.parse(body) as object)).toMatchObject([
      { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'tested' },
    ]);
    await configure('tested', { Id: 'changed' });
    expect(server.deliveries).toHaveLength(1);
  });

  it('cannot be configured for a missing queue or an unsupported event', async () => {
    await server.s3.send(new CreateBucketCommand({ Bucket: 'nowhere' }));
    expect(
      await errorOf(configure('nowhere', { QueueArn: 'arn:aws:sqs:us-east-1:000000000000:none' })),
    ).toMatchObject({ name: 'InvalidArgument', status: 400 });
    const topics = {
      TopicConfigurations: [
        { TopicArn: 'arn:aws:sns:us-east-1:0:t', Events: ['s3:ObjectCreated:*' as const] },
      ],
    };
    const call = server.s3.send(
      new PutBucketNotificationConfigurationCommand({ Bucket: 'nowhere', NotificationConfiguration: topics }),
    );
    expect(await errorOf(call)).toMatchObject({ name: 'NotImplemented', status: 501 });
  });
});

it('after a restart on the same folder, everything is there and orphaned files are gone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  const before = await startS3(folder);
  const Bucket = 'kept';
  await before.s3.send(new CreateBucketCommand({ Bucket }));
  await before.s3.send(
    new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
  );
  const NotificationConfiguration = {
    QueueConfigurations: [{ Id: 'q', QueueArn: QUEUE_ARN, Events: ['s3:ObjectCreated:*' as const] }],
  };
  await before.s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
  const bodyOf = (text: string) =>
    before.s3.send(
      new PutObjectCommand({ Bucket, Key: 'k', Body: text, ContentType: 'text/x', Metadata: { a: '1' } }),
    );
  const first = await bodyOf('one');
  await bodyOf('two');
  await before.s3.send(new PutObjectCommand({ Bucket, Key: 'deleted', Body: 'x' }));
  await before.s3.send(new DeleteObjectCommand({ Bucket, Key: 'deleted' }));
  const { UploadId } = await before.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'parts' }));
  const { ETag } = await before.s3.send(
    new UploadPartCommand({ Bucket, Key: 'parts', UploadId, PartNumber: 1, Body: 'part' }),
  );
  const versions = await before.s3.send(new ListObjectVersionsCommand({ Bucket }));
  await before.stop();

  const after = await startS3(folder);
  const again = await after.s3.send(new ListObjectVersionsCommand({ Bucket }));
  expect([again.Versions, again.DeleteMarkers]).toEqual([versions.Versions, versions.DeleteMarkers]);
  const object = await after.s3.send(new GetObjectCommand({ Bucket, Key: 'k' }));
  expect([object.ContentType, object.Metadata, await object.Body?.transformToString()]).toEqual([
    'text/x',
    { a: '1' },
    'two',
  ]);
  const old = await after.s3.send(new GetObjectCommand({ Bucket, Key: 'k', VersionId: first.VersionId }));
  expect(await old.Body?.transformToString()).toBe('one');
  expect((await after.s3.send(new ListPartsCommand({ Bucket, Key: 'parts', UploadId }))).Parts).toMatchObject(
    [{ PartNumber: 1, ETag, Size: 4 }],
  );
  await after.s3.send(
    new CompleteMultipartUploadCommand({
      Bucket,
      Key: 'parts',
      UploadId,
      MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
    }),
  );
  expect(after.deliveries).toHaveLength(1);
  await after.stop();
  await rm(folder, { recursive: true });
});

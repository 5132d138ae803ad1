import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketLifecycleCommand,
  DeleteObjectCommand,
  GetBucketLifecycleConfigurationCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  ListObjectsV2Command,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCommand,
  type LifecycleRule,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorOf, QUEUE_ARN, rawHeaders, startS3, type TestS3 } from './server.ts';

const DAY = 86_400_000;
const Bucket = 'things';

let server: TestS3;
beforeEach(async () => {
  server = await startS3();
  await server.s3.send(new CreateBucketCommand({ Bucket }));
});
afterEach(() => server.stop());

const put = (Key: string, Body = 'content') => server.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
const setVersions = (Status: 'Enabled' | 'Suspended') =>
  server.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
const setRules = (...Rules: LifecycleRule[]) =>
  server.s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
const everything = { Status: 'Enabled', Filter: { Prefix: '' } } as const;

async function keys(): Promise<(string | undefined)[]> {
  const { Contents = [] } = await server.s3.send(new ListObjectsV2Command({ Bucket }));
  return Contents.map(({ Key }) => Key);
}

async function versions() {
  const { Versions = [], DeleteMarkers = [] } = await server.s3.send(
    new ListObjectVersionsCommand({ Bucket }),
  );
  return { versions: Versions.map(({ VersionId }) => VersionId), markers: DeleteMarkers.length };
}

describe('a bucket with notifications for its lifecycle rules', () => {
  const names = () =>
    server.deliveries
      .map(
        ({ body }) =>
          JSON.parse(body) as { Records?: { eventName: string; s3: { object: { key: string } } }[] },
      )
      .flatMap(({ Records = [] }) => Records.map(({ eventName, s3 }) => `${eventName} ${s3.object.key}`));
  beforeEach(async () => {
    const Events = ['s3:LifecycleExpiration:*' as const, 's3:ObjectRemoved:*' as const];
    await server.s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket,
        NotificationConfiguration: { QueueConfigurations: [{ QueueArn: QUEUE_ARN, Events }] },
      }),
    );
    await setRules({ ID: 'a', ...everything, Expiration: { Days: 1 } });
  });

  it('is notified of the objects that they delete', async () => {
    await put('a');
    server.advance(3 * DAY);
    server.expire(Bucket);
    expect(names()).toEqual(['LifecycleExpiration:Delete a']);
  });

  it('is notified of the delete markers that they create', async () => {
    await setVersions('Enabled');
    await put('a');
    server.advance(3 * DAY);
    server.expire(Bucket);
    expect(names()).toEqual(['LifecycleExpiration:DeleteMarkerCreated a']);
  });
});

describe('lifecycle rules', () => {
  const all: LifecycleRule[] = [
    { ID: 'a', ...everything, NoncurrentVersionExpiration: { NoncurrentDays: 3 } },
    { ID: 'b', ...everything, Expiration: { ExpiredObjectDeleteMarker: true } },
    { ID: 'c', Status: 'Disabled', Filter: { Prefix: 'é &<' }, Expiration: { Days: 21 } },
    { ID: 'd', ...everything, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
  ];

  it('are returned as set, and are gone after they are deleted', async () => {
    const get = () => server.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    const none = { name: 'NoSuchLifecycleConfiguration', status: 404 };
    expect(await errorOf(get())).toEqual(none);
    await setRules(...all);
    expect((await get()).Rules).toEqual(all);
    await server.s3.send(new DeleteBucketLifecycleCommand({ Bucket }));
    expect(await errorOf(get())).toEqual(none);
  });

  it.each<[string, LifecycleRule]>([
    ['Transition', { ...everything, Transitions: [{ Days: 1, StorageClass: 'GLACIER' }] }],
    ['Date', { ...everything, Expiration: { Date: new Date(0) } }],
    [
      'And',
      { Status: 'Enabled', Filter: { And: { Prefix: 'a', ObjectSizeLessThan: 5 } }, Expiration: { Days: 1 } },
    ],
    ['Tag', { Status: 'Enabled', Filter: { Tag: { Key: 'a', Value: 'b' } }, Expiration: { Days: 1 } }],
    [
      'NewerNoncurrentVersions',
      { ...everything, NoncurrentVersionExpiration: { NoncurrentDays: 1, NewerNoncurrentVersions: 2 } },
    ],
  ])('with %s are refused, because part of a rule could delete too much', async (_name, rule) => {
    expect(await errorOf(setRules(rule))).toEqual({ name: 'NotImplemented', status: 501 });
  });

  it.each([
    ['', 'MalformedXML'],
    ['<Rule><Status>Enabled</Status><Filter/></Rule>', 'InvalidRequest'],
    ['<Rule><Status>On</Status><Expiration><Days>1</Days></Expiration></Rule>', 'MalformedXML'],
    ['<Rule><Status>Enabled</Status><Expiration><Days>0</Days></Expiration></Rule>', 'MalformedXML'],
    ['<Rule><Status>Enabled</Status><Expiry><Days>1</Days></Expiry></Rule>', 'MalformedXML'],
  ])('%j are refused with %s', async (rules, code) => {
    const answer = await fetch(`${server.url}/${Bucket}?lifecycle`, {
      method: 'PUT',
      headers: rawHeaders(),
      body: `<LifecycleConfiguration>${rules}</LifecycleConfiguration>`,
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain(`<Code>${code}</Code>`);
  });

  it('remove noncurrent versions, with their contents, after their days, counted from when they were replaced', async () => {
    await setVersions('Enabled');
    await setRules({ ...everything, NoncurrentVersionExpiration: { NoncurrentDays: 3 } });
    await put('a', 'oldest');
    server.advance(5 * DAY);
    await put('a', 'older');
    server.advance(2 * DAY);
    await put('a', 'current');
    server.expire(Bucket);
    expect((await versions()).versions).toHaveLength(3);
    server.advance(DAY);
    server.expire(Bucket);
    expect((await versions()).versions).toHaveLength(2);
    server.advance(2 * DAY);
    server.expire(Bucket);
    expect((await versions()).versions).toHaveLength(1);
    server.advance(1000 * DAY);
    server.expire(Bucket);
    const { Body } = await server.s3.send(new GetObjectCommand({ Bucket, Key: 'a' }));
    expect(await Body?.transformToString()).toBe('current');
    expect(await server.blobs()).toBe(1);
  });

  it('remove a delete marker when its last version is gone', async () => {
    await setVersions('Enabled');
    await setRules(
      { ...everything, NoncurrentVersionExpiration: { NoncurrentDays: 3 } },
      { ...everything, Expiration: { ExpiredObjectDeleteMarker: true } },
    );
    await put('a');
    await server.s3.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
    server.advance(3 * DAY - 60_000);
    server.expire(Bucket);
    expect(await versions()).toMatchObject({ versions: [expect.any(String)], markers: 1 });
    server.advance(60_000);
    server.expire(Bucket);
    expect(await versions()).toEqual({ versions: [], markers: 0 });
    expect(await server.blobs()).toBe(0);
  });

  it('expire only current objects with their prefix, unless they are disabled', async () => {
    await setRules(
      { Status: 'Enabled', Filter: { Prefix: 'own/' }, Expiration: { Days: 2 } },
      { Status: 'Disabled', Filter: { Prefix: '' }, Expiration: { Days: 1 } },
    );
    for (const key of ['own/a', 'own', 'other']) await put(key);
    server.advance(DAY);
    await put('own/b');
    server.advance(DAY);
    server.expire(Bucket);
    expect(await keys()).toEqual(['other', 'own', 'own/b']);
    expect(await server.blobs()).toBe(3);
  });

  it('replace an expired object with a delete marker in a versioned bucket', async () => {
    await setVersions('Enabled');
    await setRules({ ...everything, Expiration: { Days: 2 } });
    await put('a');
    server.advance(2 * DAY);
    server.expire(Bucket);
    server.expire(Bucket);
    expect(await keys()).toEqual([]);
    expect(await versions()).toMatchObject({ versions: [expect.any(String)], markers: 1 });
  });

  it('abort incomplete multipart uploads', async () => {
    await setRules({ ...everything, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } });
    const start = async (Key: string) => {
      const { UploadId } = await server.s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
      await server.s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: 'part' }));
      return UploadId;
    };
    await start('old');
    server.advance(6 * DAY);
    const UploadId = await start('young');
    server.advance(DAY);
    server.expire(Bucket);
    const { Uploads = [] } = await server.s3.send(new ListMultipartUploadsCommand({ Bucket }));
    expect(Uploads.map(({ Key }) => Key)).toEqual(['young']);
    expect(await server.blobs()).toBe(1);
    await server.s3.send(new AbortMultipartUploadCommand({ Bucket, Key: 'young', UploadId }));
  });
});

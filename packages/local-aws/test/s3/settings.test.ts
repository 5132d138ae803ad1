import {
  CreateBucketCommand,
  DeleteBucketCorsCommand,
  GetBucketCorsCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketVersioningCommand,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  type CORSRule,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, QUEUE_ARN, rawHeaders, startS3, type TestS3 } from './server.ts';

let server: TestS3;
const Bucket = 'settings';
beforeAll(async () => {
  server = await startS3();
  await server.s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => server.stop());

async function putDocument(resource: string, body: string): Promise<unknown[]> {
  const init = { method: 'PUT', headers: rawHeaders(), body };
  const answer = await fetch(`${server.url}/${Bucket}?${resource}`, init);
  return [answer.status, /<Code>(.*)<\/Code>/.exec(await answer.text())?.[1]];
}

it('versioning is not mentioned until it is enabled, and can then only be suspended', async () => {
  const status = async () => (await server.s3.send(new GetBucketVersioningCommand({ Bucket }))).Status;
  expect(await status()).toBeUndefined();
  for (const Status of ['Enabled', 'Suspended'] as const) {
    const VersioningConfiguration = { Status };
    await server.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    expect(await status()).toBe(Status);
  }
  expect(await putDocument('versioning', '<VersioningConfiguration/>')).toEqual([
    400,
    'IllegalVersioningConfigurationException',
  ]);
  expect(await status()).toBe('Suspended');
});

describe('CORS rules', () => {
  const get = async () => (await server.s3.send(new GetBucketCorsCommand({ Bucket }))).CORSRules;

  it('are returned as set, until they are deleted', async () => {
    const none = { name: 'NoSuchCORSConfiguration', status: 404 };
    expect(await errorOf(get())).toEqual(none);
    const rules: CORSRule[] = [
      {
        AllowedOrigins: ['http://a.example', 'http://*.b.example'],
        AllowedMethods: ['GET', 'PUT'],
        AllowedHeaders: ['*'],
        ExposeHeaders: ['ETag', 'x-amz-version-id'],
        MaxAgeSeconds: 60,
      },
      { AllowedOrigins: ['*'], AllowedMethods: ['HEAD'] },
    ];
    await server.s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: rules } }));
    expect(await get()).toEqual(rules);
    await server.s3.send(new DeleteBucketCorsCommand({ Bucket }));
    expect(await errorOf(get())).toEqual(none);
  });

  it.each([
    '',
    '<CORSRule><AllowedOrigin>*</AllowedOrigin></CORSRule>',
    '<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>PATCH</AllowedMethod></CORSRule>',
    '<CORSRule><AllowedMethod>GET</AllowedMethod><ExposeHeader>a&#10;b</ExposeHeader></CORSRule>',
    '<CORSRule><AllowedMethod>GET</AllowedMethod></CORSRule>'.repeat(101),
  ])('%j are refused', async (rules) => {
    expect(await putDocument('cors', `<CORSConfiguration>${rules}</CORSConfiguration>`)).toEqual([
      400,
      'MalformedXML',
    ]);
    expect(await errorOf(get())).toMatchObject({ name: 'NoSuchCORSConfiguration' });
  });
});

it('notifications without a name or a filter get a name each, and no filter', async () => {
  const of = (Event: 's3:ObjectCreated:*' | 's3:ObjectRemoved:*') => ({
    QueueArn: QUEUE_ARN,
    Events: [Event],
  });
  const QueueConfigurations = [of('s3:ObjectCreated:*'), of('s3:ObjectRemoved:*')];
  await server.s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration: { QueueConfigurations },
    }),
  );
  const { QueueConfigurations: shown } = await server.s3.send(
    new GetBucketNotificationConfigurationCommand({ Bucket }),
  );
  expect(shown).toEqual(QueueConfigurations.map((each) => ({ ...each, Id: expect.any(String) })));
  expect(new Set(shown?.map(({ Id }) => Id)).size).toBe(2);
});

it('lifecycle rules without a name or a filter get a name each, and apply to all keys', async () => {
  const rule = { Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 1 } } as const;
  await server.s3.send(
    new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: [rule, rule] } }),
  );
  const { Rules } = await server.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
  expect(Rules).toEqual([rule, rule].map((each) => ({ ...each, ID: expect.any(String) })));
  expect(new Set(Rules?.map(({ ID }) => ID)).size).toBe(2);
});

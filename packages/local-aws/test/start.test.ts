import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  ListBucketsCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { startLocalAws, type LocalAws, type LocalAwsOptions } from '../src/aws.ts';

const running: LocalAws[] = [];
afterEach(async () => {
  for (const aws of running.splice(0)) await aws.stop();
});

async function start(options?: LocalAwsOptions): Promise<LocalAws> {
  const aws = await startLocalAws(options);
  running.push(aws);
  return aws;
}

function clientOf(aws: LocalAws, maxAttempts = 3): S3Client {
  const s3 = new S3Client({ ...aws.clientConfig, maxAttempts });
  onTestFinished(() => s3.destroy());
  return s3;
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'local-aws-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Gives a test a private place for temporary folders. */
async function ownTmpdir(): Promise<string> {
  const folder = await newFolder();
  vi.stubEnv('TMPDIR', folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  return folder;
}

describe('startLocalAws()', () => {
  it('serves S3, SQS and DynamoDB to clients that have only its configuration', async () => {
    const aws = await start();
    await clientOf(aws).send(new CreateBucketCommand({ Bucket: 'files' }));
    const { Buckets = [] } = await clientOf(aws).send(new ListBucketsCommand());
    expect(Buckets.map(({ Name }) => Name)).toEqual(['files']);
    const sqs = new SQSClient(aws.clientConfig);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }));
    expect(QueueUrl).toBe(`${aws.url}/000000000000/jobs`);
    const dynamo = new DynamoDBClient(aws.clientConfig);
    expect((await dynamo.send(new ListTablesCommand())).TableNames).toEqual([]);
    sqs.destroy();
    dynamo.destroy();
  });

  it('connects other processes through their environment', async () => {
    const aws = await start();
    expect(aws.env).toEqual({
      AWS_ENDPOINT_URL: aws.url,
      AWS_REGION: aws.region,
      AWS_DEFAULT_REGION: aws.region,
      AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
    });
  });

  it('leaves nothing behind without a folder', async () => {
    const temporary = await ownTmpdir();
    const aws = await startLocalAws();
    const [folder = ''] = await readdir(temporary);
    const s3 = clientOf(aws);
    await s3.send(new CreateBucketCommand({ Bucket: 'files' }));
    await s3.send(new PutObjectCommand({ Bucket: 'files', Key: 'a', Body: 'content' }));
    expect(await readdir(join(temporary, folder, 'blobs'))).toHaveLength(1);
    await aws.stop();
    expect(await readdir(temporary)).toEqual([]);
  });

  it('leaves nothing behind if its port is taken', async () => {
    const aws = await start();
    const temporary = await ownTmpdir();
    await expect(startLocalAws({ port: Number(new URL(aws.url).port) })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    expect(await readdir(temporary)).toEqual([]);
  });

  it('continues where the previous process with the same folder stopped', async () => {
    const folder = await newFolder();
    const first = await startLocalAws({ folder });
    await clientOf(first).send(new CreateBucketCommand({ Bucket: 'kept' }));
    await first.stop();
    const { Buckets = [] } = await clientOf(await start({ folder })).send(new ListBucketsCommand());
    expect(Buckets.map(({ Name }) => Name)).toEqual(['kept']);
    expect(await readdir(folder)).toContain('local-aws.json');
  });

  it('delivers some notifications twice or late once faults are switched on', async () => {
    const aws = await start({ faults: 7 });
    const s3 = clientOf(aws);
    const sqs = new SQSClient(aws.clientConfig);
    onTestFinished(() => sqs.destroy());
    await sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }));
    const QueueArn = 'arn:aws:sqs:us-east-1:000000000000:jobs';
    await s3.send(new CreateBucketCommand({ Bucket: 'files' }));
    await s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: 'files',
        NotificationConfiguration: { QueueConfigurations: [{ QueueArn, Events: ['s3:ObjectCreated:*'] }] },
      }),
    );
    const jobs = aws.sqs.queueByArn(QueueArn);
    if (jobs === undefined) throw new Error('there is no queue');
    const told = () => [...jobs.all()].filter(({ body }) => body.includes('ObjectCreated')).length;
    const put = async (count: number) => {
      for (let sent = 0; sent < count; sent += 1)
        await s3.send(new PutObjectCommand({ Bucket: 'files', Key: `${sent}`, Body: 'x' }));
    };
    await put(40);
    expect(told()).toBe(40);
    aws.beginFaults();
    await put(40);
    expect(told()).toBeGreaterThan(80);
    const visible = [...jobs.all()].filter(({ visibleAt }) => visibleAt <= aws.clock.now());
    expect(visible.length).toBeLessThan(told());
  });

  it('injects no faults until they are switched on, then affects the same requests for the same seed', async () => {
    const refused = async () => {
      const aws = await start({ faults: 7 });
      const s3 = clientOf(aws, 1);
      const outcome = () =>
        s3.send(new ListBucketsCommand()).then(
          () => 'ok',
          (error: Error) => error.name,
        );
      const before = await Promise.all(Array.from({ length: 100 }, outcome));
      expect(new Set(before)).toEqual(new Set(['ok']));
      aws.beginFaults();
      const outcomes: string[] = [];
      for (let request = 0; request < 100; request += 1) outcomes.push(await outcome());
      return outcomes;
    };
    const outcomes = await refused();
    expect(outcomes).toContain('SlowDown');
    expect(await refused()).toEqual(outcomes);
  });
});

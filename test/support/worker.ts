import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSRecord } from 'aws-lambda';
import { startLocalAws, type LocalAws } from '@millrace/local-aws';
import { type EventQueue, eventQueue } from '@millrace/local-aws/lambda';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { DEFAULT_RECIPE, type Recipe } from '../../src/core/recipe.ts';
import { BUCKETS, createResources, type Resources } from '../../src/local/resources.ts';
import { workerEnvironment } from '../../src/local/worker-environment.ts';
import { clientsOf } from './pipeline.ts';

/** A local AWS with the pipeline's resources but no event source; the test takes Lambda's role. */
export interface Bench {
  aws: LocalAws;
  s3: S3Client;
  sqs: SQSClient;
  resources: Resources;
  /** The worker's environment. */
  env: Record<string, string>;
  /** Uploads a few bytes. */
  upload(key: string): Promise<void>;
  /** Receives like the event sources. */
  conversion: EventQueue;
  retry: EventQueue;
  stop(): Promise<void>;
}

export async function startBench(recipe: Recipe = DEFAULT_RECIPE): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  const aws: LocalAws = await startLocalAws({
    port: 0,
    folder,
    keep: false,
    onError(error) {
      throw error;
    },
  });
  const resources = await createResources(aws.url, recipe);
  const queue = (arn: string) => eventQueue(aws.sqs, aws.journal, arn, aws.region);
  const { s3, sqs } = clientsOf(aws.url);
  const bench = {
    aws,
    s3,
    sqs,
    resources,
    env: workerEnvironment(aws.url, resources, recipe),
    conversion: queue(resources.conversionQueue.arn),
    retry: queue(resources.retryQueue.arn),
    async upload(Key: string) {
      await s3.send(new PutObjectCommand({ Bucket: BUCKETS.uploads, Key, Body: 'some bytes' }));
    },
    async stop() {
      s3.destroy();
      sqs.destroy();
      await aws.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  // S3's test event arrives first.
  bench.conversion.delete(bench.conversion.receive(10));
  return bench;
}

/** Starts a bench before each test, with the worker's environment set, and stops it after the test. */
export function benchOfEachTest(use: (bench: Bench) => void, recipe?: Recipe): void {
  let bench: Bench;
  beforeAll(() => {
    process.env['POWERTOOLS_LOG_LEVEL'] = 'SILENT';
    process.env['POWERTOOLS_METRICS_DISABLED'] = 'true';
  });
  beforeEach(async () => {
    bench = await startBench(recipe);
    Object.assign(process.env, bench.env);
    use(bench);
  });
  afterEach(() => bench.stop());
  afterAll(() => {
    delete process.env['POWERTOOLS_LOG_LEVEL'];
    delete process.env['POWERTOOLS_METRICS_DISABLED'];
  });
}

export function contextOf(remainingMilliseconds = 60_000): Context {
  const context = {
    awsRequestId: randomUUID(),
    functionName: 'worker',
    getRemainingTimeInMillis: () => remainingMilliseconds,
  };
  return context as Context;
}

/** A record like one from a queue, for content that no queue here would send. */
export function recordOf(body: string, eventSourceARN: string, receives = 1): SQSRecord {
  return {
    messageId: randomUUID(),
    receiptHandle: Buffer.from(`${eventSourceARN.split(':').at(-1)} ${randomUUID()} x`).toString('base64'),
    body,
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: '0',
      SenderId: 'test',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN,
    awsRegion: 'us-east-1',
  };
}

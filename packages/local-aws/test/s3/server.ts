import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import type { Clock } from '../../src/clock.ts';
import { noJournal, openJournal } from '../../src/journal.ts';
import { localClientConfig } from '../../src/client-config.ts';
import { openBlobFolder } from '../../src/s3/blobs.ts';
import { secretsOfPairs } from '../../src/s3/credentials.ts';
import { createS3Handler } from '../../src/s3/handler.ts';
import { createS3Model } from '../../src/s3/model.ts';
import { startTestServer } from '../../../../test/support/http-server.ts';

export interface TestS3 {
  url: string;
  s3: S3Client;
  /** Notifications sent to queues, in order. */
  deliveries: { queueArn: string; body: string }[];
  /** Advances the server's clock. */
  advance(milliseconds: number): void;
  /** Applies a bucket's lifecycle rules. */
  expire(bucket: string): void;
  /** Returns the number of contents files, after all removals. */
  blobs(): Promise<number>;
  stop(): Promise<void>;
}

export const QUEUE_ARN = 'arn:aws:sqs:us-east-1:000000000000:events';

/** Starts only a local S3. With a folder, keeps everything there for the next one. */
export async function startS3(folder?: string, limits: { largestPutBytes?: number } = {}): Promise<TestS3> {
  const base = folder ?? (await mkdtemp(join(tmpdir(), 'millrace-test-')));
  let offset = 0;
  const clock: Clock = {
    now: () => Date.now() + offset,
    ranSince: (at) => Date.now() + offset - at,
    after() {
      throw new Error('S3 waits for nothing');
    },
  };
  const journal = folder === undefined ? noJournal : await openJournal(join(base, 'journal'));
  const deliveries: TestS3['deliveries'] = [];
  const removals: Promise<void>[] = [];
  const model = createS3Model({
    clock,
    random: Math.random,
    journal,
    region: 'us-east-1',
    deliver: (queueArn, body) => void deliveries.push({ queueArn, body }),
    queueExists: (arn) => arn === QUEUE_ARN,
    release: (segments) => void removals.push(journal.flush().then(() => blobs.remove(segments))),
  });
  await model.restore();
  const blobs = await openBlobFolder(join(base, 'blobs'));
  const errors: unknown[] = [];
  const handler = createS3Handler({
    model,
    blobs,
    journal,
    clock,
    region: 'us-east-1',
    accountId: '000000000000',
    secretsOf: secretsOfPairs([
      { accessKeyId: 'local', secretAccessKey: 'local' },
      { accessKeyId: 'known', secretAccessKey: 'its secret' },
      { accessKeyId: 'known', secretAccessKey: 'its other secret' },
    ]),
    onError: (error) => void errors.push(error),
    ...limits,
  });
  const server = await startTestServer((req, res) => {
    handler(req, res).catch((error: unknown) => {
      errors.push(error);
      res.destroy();
    });
  });
  const { url } = server;
  const s3 = new S3Client({ ...localClientConfig(url), forcePathStyle: true, maxAttempts: 1 });
  return {
    url,
    s3,
    deliveries,
    advance: (milliseconds) => void (offset += milliseconds),
    expire: (bucket) => void [...model.expire(model.bucket(bucket))],
    async blobs() {
      await Promise.all(removals);
      return (await readdir(join(base, 'blobs'))).length;
    },
    async stop() {
      s3.destroy();
      await server.stop();
      await Promise.all(removals);
      await journal.close();
      if (folder === undefined) await rm(base, { recursive: true, force: true });
      if (errors.length > 0) throw new AggregateError(errors, 'the local S3 had bugs');
    },
  };
}

/** Returns the code and status of a call's error. */
export async function errorOf(call: Promise<unknown>): Promise<{ name: string; status: number | undefined }> {
  try {
    await call;
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    return { name, status: $metadata?.httpStatusCode };
  }
  throw new Error('expected an error');
}

/** Returns the headers of a custom request, unsigned, as any credentials are accepted. */
export function rawHeaders(headers: Record<string, string> = {}): Record<string, string> {
  return {
    authorization: 'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/s3/aws4_request',
    ...headers,
  };
}

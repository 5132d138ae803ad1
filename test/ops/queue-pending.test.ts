import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SETTINGS } from '../../src/core/settings.ts';
import { writeResultMetadata } from '../../src/core/result-metadata.ts';
import type { OpsContext } from '../../src/ops/context.ts';
import { queuePending } from '../../src/ops/queue-pending.ts';
import { failing } from '../support/failing.ts';
import { opsOf } from '../support/ops.ts';
import { startBench, type Bench } from '../support/worker.ts';

let bench: Bench;
let ops: OpsContext;
beforeEach(async () => {
  bench = await startBench();
  ops = opsOf(bench);
});
afterEach(() => bench.stop());

const never = new AbortController().signal;
/** Longer than an upload may be in progress. */
const later = (seconds = 60) => Date.now() + (SETTINGS.reconcileAfterSeconds + seconds) * 1000;

/** Stores uploads whose notifications are lost. */
async function uploadUnheard(...keys: string[]): Promise<void> {
  for (const key of keys) await bench.upload(key);
  await queuedKeys();
}

/** Returns the keys of the messages in the conversion queue, and removes the messages. */
async function queuedKeys(): Promise<string[]> {
  const keys: string[] = [];
  const QueueUrl = ops.deployment.conversionQueueUrl;
  for (;;) {
    const { Messages = [] } = await ops.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) return keys;
    for (const { Body = '', ReceiptHandle } of Messages) {
      keys.push(String((JSON.parse(Body) as { key?: string }).key));
      await ops.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
}

async function convert(key: string): Promise<void> {
  const { ETag = '', VersionId = '' } = await ops.s3.send(
    new PutObjectCommand({ Bucket: 'uploads', Key: key, Body: 'some bytes' }),
  );
  const Metadata = writeResultMetadata({
    sourceVersionId: VersionId,
    sourceEtag: ETag.replaceAll('"', ''),
    recipe: 'r',
    stamp: 's',
    rendition: 'web',
    width: 1,
    height: 1,
    generation: 1,
  });
  await ops.s3.send(new PutObjectCommand({ Bucket: 'results', Key: key, Body: 'x', Metadata }));
}

async function fail(key: string, status: 'failed' | 'attempting' = 'failed'): Promise<void> {
  const report = {
    version: 1,
    status,
    code: 'image.corrupt',
    message: 'm',
    bucket: 'uploads',
    key,
    recipe: 'r',
    attempt: 1,
    at: new Date().toISOString(),
    overAt: new Date(Date.now() + 3_600_000).toISOString(),
    messageId: '',
    requestId: '',
    logGroup: '',
    logStream: '',
  };
  const { ETag = '', VersionId = '' } = await ops.s3.send(
    new PutObjectCommand({ Bucket: 'uploads', Key: key, Body: 'some bytes' }),
  );
  const source = { etag: ETag, versionId: VersionId, lastModified: '' };
  const Body = JSON.stringify({ ...report, source });
  await ops.s3.send(new PutObjectCommand({ Bucket: 'failures', Key: key, Body }));
}

describe('the reconciliation', () => {
  it('queues exactly the uploads with neither a result nor a report', async () => {
    await convert('a/converted.jpg');
    await fail('a/failed.jpg');
    await uploadUnheard('a/lost.jpg', 'b/lost too.jpg', 'b/odd\uffff\u0001.jpg');
    const found = await queuePending(ops, { stop: never, now: later() });
    const lost = ['a/lost.jpg', 'b/lost too.jpg', 'b/odd\uffff\u0001.jpg'];
    expect(found).toEqual({ uploads: 5, queued: 3, sample: lost });
    expect((await queuedKeys()).toSorted()).toEqual(lost);
  });

  it('does not queue an upload with an attempt in progress, because its message still exists', async () => {
    await fail('attempting.jpg', 'attempting');
    await queuedKeys();
    expect(await queuePending(ops, { stop: never, now: later() })).toMatchObject({ uploads: 1, queued: 0 });
    expect(await queuedKeys()).toEqual([]);
  });

  it('does not queue an upload that was rejected for its long key, which no report can have', async () => {
    await ops.s3.send(new CreateBucketCommand({ Bucket: 'others' }));
    ops = { ...ops, deployment: { ...ops.deployment, uploadBuckets: ['others', 'uploads'] } };
    await uploadUnheard('k'.repeat(1024), 'k'.repeat(1024 - 'uploads/'.length));
    expect(await queuePending(ops, { stop: never, now: later() })).toMatchObject({ uploads: 2, queued: 1 });
    expect(await queuedKeys()).toEqual(['k'.repeat(1024 - 'uploads/'.length)]);
  });

  it('does not queue an upload that may still be in progress', async () => {
    await uploadUnheard('young.jpg');
    expect(await queuePending(ops, { stop: never, now: later(-60) })).toMatchObject({
      uploads: 1,
      queued: 0,
    });
    expect(await queuedKeys()).toEqual([]);
  });

  it('finds a restored upload, for which S3 sends no notification', async () => {
    await uploadUnheard('back.jpg');
    const { VersionId } = await ops.s3.send(new DeleteObjectCommand({ Bucket: 'uploads', Key: 'back.jpg' }));
    expect(await queuePending(ops, { stop: never, now: later() })).toMatchObject({ uploads: 0 });
    await ops.s3.send(new DeleteObjectCommand({ Bucket: 'uploads', Key: 'back.jpg', VersionId }));
    expect(await queuedKeys()).toEqual([]);
    expect(await queuePending(ops, { stop: never, now: later() })).toMatchObject({ queued: 1 });
    expect(await queuedKeys()).toEqual(['back.jpg']);
  });

  it('continues after an interruption, and queues each upload once', async () => {
    const keys = Array.from({ length: 37 }, (_, index) => `photos/${String(index).padStart(2, '0')}.jpg`);
    await uploadUnheard(...keys);
    let after: string | undefined;
    let runs = 0;
    let uploads = 0;
    const queued: string[] = [];
    do {
      const stop = new AbortController();
      // The time is over after a run's first messages were sent.
      ops.sqs.middlewareStack.add(
        (next, { commandName }) =>
          async (args) => {
            const answer = await next(args);
            if (commandName === 'SendMessageBatchCommand') stop.abort();
            return answer;
          },
        { step: 'initialize' },
      );
      const found = await queuePending(ops, { after, stop: stop.signal, now: later() });
      queued.push(...(await queuedKeys()));
      expect(found.goOnAfter).not.toBe(after ?? '');
      after = found.goOnAfter;
      uploads += found.uploads;
      runs += 1;
    } while (after !== undefined);
    expect(runs).toBeGreaterThan(2);
    expect(uploads).toBe(keys.length);
    expect(queued.toSorted()).toEqual(keys);
  });

  it('that is stopped before it found anything continues from where it began', async () => {
    await uploadUnheard('z.jpg');
    const stop = AbortSignal.abort();
    const nothing = { uploads: 0, queued: 0, sample: [] };
    expect(await queuePending(ops, { stop, now: later() })).toEqual({ ...nothing, goOnAfter: '' });
    expect(await queuePending(ops, { stop, now: later(), after: 'a.jpg' })).toEqual({
      ...nothing,
      goOnAfter: 'a.jpg',
    });
  });

  it('does not stop between buckets within a key, because it would continue after all of them', async () => {
    await ops.s3.send(new CreateBucketCommand({ Bucket: 'others' }));
    ops = { ...ops, deployment: { ...ops.deployment, uploadBuckets: ['others', 'uploads'] } };
    for (const Bucket of ['others', 'uploads'])
      await ops.s3.send(new PutObjectCommand({ Bucket, Key: 'same.jpg', Body: 'x' }));
    await uploadUnheard('z.jpg');
    let asked = 0;
    // Over as soon as the first upload was checked.
    const stop = {
      get aborted() {
        return (asked += 1) > 1;
      },
    } as AbortSignal;
    const found = await queuePending(ops, { stop, now: later() });
    expect(found).toMatchObject({ uploads: 2, queued: 2, goOnAfter: 'same.jpg' });
    expect(await queuePending(ops, { stop: never, now: later(), after: 'same.jpg' })).toEqual({
      uploads: 1,
      queued: 1,
      sample: ['z.jpg'],
    });
  });

  it('fails if SQS refuses, and queues the same uploads the next time', async () => {
    await uploadUnheard('lost.jpg');
    failing(ops.sqs, 'SendMessageBatchCommand', new Error('refused'), { times: 1 });
    await expect(queuePending(ops, { stop: never, now: later() })).rejects.toThrow('refused');
    expect(await queuePending(ops, { stop: never, now: later() })).toMatchObject({ queued: 1 });
  });
});

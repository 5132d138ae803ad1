import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sourceNameOf, writeResultMetadata } from '../../src/core/result-metadata.ts';
import { findBackfill, hasUploads, runBackfill, type BackfillChoice } from '../../src/ops/backfill.ts';
import type { OpsContext } from '../../src/ops/context.ts';
import { SYSTEM_TIME } from '../../src/ops/time.ts';
import { nextSecond } from '../support/eventually.ts';
import { recording, refusing } from '../support/failing.ts';
import { opsOf } from '../support/ops.ts';
import { storeReport } from '../support/stored.ts';
import { startBench, type Bench } from '../support/worker.ts';

let bench: Bench;
let ops: OpsContext;
beforeEach(async () => {
  bench = await startBench();
  const base = opsOf(bench);
  ops = { ...base, deployment: { ...base.deployment, ignore: ['.*'], generation: 2 } };
});
afterEach(() => bench.stop());

const never = new AbortController().signal;

/** Stores an upload, and returns its identity. */
async function upload(Key: string, Bucket = 'uploads') {
  const { ETag = '', VersionId = '' } = await ops.s3.send(
    new PutObjectCommand({ Bucket, Key, Body: 'some bytes' }),
  );
  return { etag: ETag, versionId: VersionId };
}

async function converted(key: string, generation: number): Promise<void> {
  await storeResultOf(key, await upload(key), generation);
}

async function storeResultOf(
  key: string,
  { etag, versionId }: { etag: string; versionId: string },
  generation: number,
): Promise<void> {
  const Metadata = writeResultMetadata({
    sourceName: sourceNameOf({ bucket: 'uploads', key }),
    sourceVersionId: versionId,
    sourceEtag: etag.replaceAll('"', ''),
    recipe: ops.deployment.recipeId,
    generation,
    stamp: 's',
    rendition: 'web',
  });
  await ops.s3.send(new PutObjectCommand({ Bucket: 'results', Key: key, Body: 'x', Metadata }));
}

async function failed(key: string): Promise<void> {
  const source = { ...(await upload(key)), lastModified: new Date().toISOString() };
  await storeReport(ops.s3, { bucket: 'uploads', key }, key, { source, recipe: ops.deployment.recipeId });
}

/** Returns the objects that the messages in the conversion queue name, and removes the messages. */
async function queued(): Promise<{ bucket: string; key: string }[]> {
  const objects: { bucket: string; key: string }[] = [];
  const QueueUrl = ops.deployment.conversionQueueUrl;
  for (;;) {
    const { Messages = [] } = await ops.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) return objects;
    for (const { Body = '', ReceiptHandle } of Messages) {
      const { bucket, key } = JSON.parse(Body) as { bucket: string; key: string };
      objects.push({ bucket, key });
      await ops.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
}

const uploads = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    bucket: 'uploads',
    key: `photos/${String(index).padStart(2, '0')}.jpg`,
  }));

describe('a backfill', () => {
  it.each<[string, Partial<BackfillChoice>, string[]]>([
    ['uploads without an outcome', {}, ['a/pending']],
    ['stale results', { stale: true }, ['a/old', 'a/pending']],
    ['failed uploads', { failed: true }, ['a/failed', 'a/pending']],
    ['both', { stale: true, failed: true }, ['a/failed', 'a/old', 'a/pending']],
    ['failed uploads by listings', { failed: true, basis: 'listings' }, ['a/failed', 'a/pending']],
  ])('of %s chooses them and nothing else', async (_what, choice, chosen) => {
    await upload('a/.ignored');
    await converted('a/current', 2);
    await failed('a/failed');
    await converted('a/old', 1);
    await upload('a/pending');
    await upload('b/elsewhere');
    const found: string[] = [];
    const request = { prefix: 'a/', basis: 'objects', stale: false, failed: false, ...choice } as const;
    for await (const { key } of findBackfill(ops, request)) found.push(key);
    expect(found).toEqual(chosen);
  });

  it('by objects finds results of an older recipe, which look current in a listing', async () => {
    const old = await upload('old.jpg');
    await nextSecond();
    await storeResultOf('old.jpg', old, 1);
    const found: string[] = [];
    for (const basis of ['listings', 'objects'] as const)
      for await (const { key } of findBackfill(ops, { prefix: '', basis, stale: true, failed: false }))
        found.push(`${basis}: ${key}`);
    expect(found).toEqual(['objects: old.jpg']);
  });

  it('of a prefix without uploads is recognized, in every upload bucket', async () => {
    await ops.s3.send(new CreateBucketCommand({ Bucket: 'others' }));
    ops = { ...ops, deployment: { ...ops.deployment, uploadBuckets: ['uploads', 'others'] } };
    await upload('mine/a.jpg');
    await upload('theirs/a.jpg', 'others');
    expect(await hasUploads(ops, 'mine/')).toBe(true);
    expect(await hasUploads(ops, 'theirs/a.jpg')).toBe(true);
    expect(await hasUploads(ops, 'nobodys/')).toBe(false);
  });

  it('queues each upload once, and says how many are queued', async () => {
    const progress: number[] = [];
    const onQueued = (count: number) => void progress.push(count);
    expect(await runBackfill(ops, uploads(23), never, { onQueued })).toBe(23);
    expect(progress).toEqual([10, 20, 23]);
    const sent = await queued();
    expect(sent.toSorted((a, b) => (a.key < b.key ? -1 : 1))).toEqual(uploads(23));
  });

  it('of nothing sends nothing', async () => {
    const sent = recording(ops.sqs, 'SendMessageBatchCommand');
    expect(await runBackfill(ops, [], never)).toBe(0);
    expect(sent).toEqual([]);
  });

  it('queues the longest keys, which JSON makes six times as long', async () => {
    const long = Array.from({ length: 10 }, (_, index) => ({
      bucket: 'uploads',
      key: `${String(index)}${'\u0001'.repeat(1023)}`,
    }));
    expect(await runBackfill(ops, long, never)).toBe(10);
    expect(await queued()).toHaveLength(10);
  });

  it('with a rate sends that many messages a second', async () => {
    let now = 0;
    const waits: number[] = [];
    const time = {
      ...SYSTEM_TIME,
      now: () => now,
      wait: (milliseconds: number) => {
        waits.push(milliseconds);
        now += milliseconds;
        return Promise.resolve();
      },
    };
    const progress: number[] = [];
    const onQueued = (count: number) => void progress.push(count);
    await runBackfill({ ...ops, time }, uploads(5), never, { rate: 2, onQueued });
    expect(progress).toEqual([2, 4, 5]);
    expect(waits).toEqual([1000, 1000]);
  });

  it('that is stopped sends nothing more, and says how many are queued', async () => {
    const stop = new AbortController();
    const queuedBefore = await runBackfill(ops, uploads(35), stop.signal, {
      onQueued: (count) => {
        if (count === 20) stop.abort();
      },
    });
    expect(queuedBefore).toBe(20);
    expect(await queued()).toHaveLength(20);
  });

  it('that is stopped while it waits for its rate sends nothing more', async () => {
    const stop = new AbortController();
    const time = { ...SYSTEM_TIME, now: () => 0, wait: () => Promise.resolve(stop.abort()) };
    expect(await runBackfill({ ...ops, time }, uploads(3), stop.signal, { rate: 1 })).toBe(1);
    expect(await queued()).toHaveLength(1);
  });

  it('that is stopped takes no more uploads, which may be millions', async () => {
    const stop = new AbortController();
    let taken = 0;
    function* endless() {
      for (const each of uploads(50)) {
        if ((taken += 1) === 3) stop.abort();
        yield each;
      }
    }
    expect(await runBackfill(ops, endless(), stop.signal)).toBe(0);
    expect(taken).toBe(3);
    expect(await queued()).toEqual([]);
  });

  it('fails if SQS refuses a message, and says why; the others are queued', async () => {
    refusing(ops.sqs, 'SendMessageBatchCommand', 2);
    const progress: number[] = [];
    const onQueued = (count: number) => void progress.push(count);
    await expect(runBackfill(ops, uploads(25), never, { onQueued })).rejects.toThrow(
      /^SQS refused a message: InternalError: try again$/,
    );
    expect(progress).toEqual([8]);
    expect(await queued()).toHaveLength(8);
  });
});

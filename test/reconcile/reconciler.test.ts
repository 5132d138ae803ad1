import { PutObjectCommand } from '@aws-sdk/client-s3';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { METRICS_NAMESPACE } from '../../src/core/metric-names.ts';
import { SETTINGS } from '../../src/core/settings.ts';
import type { OpsContext } from '../../src/ops/context.ts';
import { SYSTEM_TIME } from '../../src/ops/time.ts';
import { queueDeleted } from '../../src/ops/queue-deleted.ts';
import { createReconciler } from '../../src/reconcile/reconciler.ts';
import { opsOf } from '../support/ops.ts';
import { countMessages } from '../support/pipeline.ts';
import { storeReport, storeResult } from '../support/stored.ts';
import { startBench, type Bench } from '../support/worker.ts';

/** The event with which EventBridge invokes a function on a schedule. */
const SCHEDULED = { version: '0', 'detail-type': 'Scheduled Event', source: 'aws.events', detail: {} };
const KEYS = Array.from({ length: 30 }, (_, index) => `photos/${String(index).padStart(2, '0')}.jpg`);

let bench: Bench;
let ops: OpsContext;
let conversion: string;
/** The metrics sent to CloudWatch. */
let lines: Record<string, unknown>[];
beforeEach(async () => {
  bench = await startBench();
  ops = opsOf(bench);
  conversion = ops.deployment.conversionQueueUrl;
  lines = [];
  const keep = (line: unknown) => {
    lines.push(JSON.parse(String(line)) as Record<string, unknown>);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  for (const method of ['info', 'log'] as const) vi.spyOn(console, method).mockImplementation(keep);
  for (const key of KEYS) await bench.upload(key);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await bench.stop();
});

/** Lambda's role: runs invocations in order, each of which times out after some requests. */
function lambdaOf(requestsEach: number) {
  const events: unknown[] = [];
  let left = 0;
  let time = new AbortController();
  ops.sqs.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const answer = await next(args);
        if (commandName === 'SendMessageBatchCommand' && (left -= 1) === 0) time.abort();
        return answer;
      },
    { step: 'initialize' },
  );
  const handler = createReconciler({
    ops: { ...ops, time: { ...SYSTEM_TIME, limit: () => time.signal } },
    metrics: new Metrics({ namespace: METRICS_NAMESPACE, serviceName: 'the-reconciler' }),
    logger: new Logger({ serviceName: 'the-reconciler' }),
    goOn: (event) => Promise.resolve(void events.push(event)),
    now: () => Date.now() + (SETTINGS.reconcileAfterSeconds + 60) * 1000,
  });
  return {
    events,
    async invoke(event: unknown) {
      time = new AbortController();
      left = requestsEach;
      if (requestsEach === 0) time.abort();
      return handler(event, { getRemainingTimeInMillis: () => 900_000 });
    },
  };
}

const counted = () => lines.flatMap(({ QueuedByReconciliation: count }) => count ?? []);
const logged = () => lines.filter(({ message }) => message === 'reconciled');

describe('the reconciler', () => {
  it('counts what it queued, and logs one line', async () => {
    const lambda = lambdaOf(100);
    const before = await countMessages(ops.sqs, conversion);
    await lambda.invoke(SCHEDULED);
    expect((await countMessages(ops.sqs, conversion)) - before).toBe(KEYS.length);
    expect(counted()).toEqual([KEYS.length]);
    expect(lines.find((line) => '_aws' in line)).toMatchObject({ service: 'the-reconciler' });
    expect(logged()).toEqual([
      expect.objectContaining({ uploads: KEYS.length, queued: KEYS.length, sample: KEYS.slice(0, 20) }),
    ]);
    expect(lambda.events).toEqual([]);
  });

  it('continues in another invocation when its time is over, until all uploads are checked', async () => {
    const lambda = lambdaOf(1);
    const before = await countMessages(ops.sqs, conversion);
    await lambda.invoke(SCHEDULED);
    let invocations = 1;
    for (let event = lambda.events.shift(); event !== undefined; event = lambda.events.shift()) {
      await lambda.invoke(event);
      invocations += 1;
    }
    expect(invocations).toBeGreaterThan(2);
    expect((await countMessages(ops.sqs, conversion)) - before).toBe(KEYS.length);
    expect(logged()).toHaveLength(invocations);
  });

  it('then looks for deleted uploads if results are deleted with their uploads', async () => {
    for (const key of ['gone/1.jpg', 'gone/2.jpg', KEYS[0] ?? '', 'zebra.jpg'])
      await storeResult(ops.s3, { bucket: 'uploads', key });
    await storeReport(ops.s3, { bucket: 'uploads', key: 'gone/2.jpg' });
    await ops.s3.send(new PutObjectCommand({ Bucket: 'results', Key: 'theirs', Body: 'theirs' }));
    const keep = lambdaOf(100);
    await keep.invoke(SCHEDULED);
    expect(keep.events).toEqual([]);

    ops = { ...ops, deployment: { ...ops.deployment, whenDeleted: 'delete' } };
    const lambda = lambdaOf(100);
    await lambda.invoke(SCHEDULED);
    expect(lambda.events).toEqual([{ looksFor: 'deletions' }]);
    const before = await countMessages(ops.sqs, conversion);
    await lambda.invoke(lambda.events.shift());
    expect((await countMessages(ops.sqs, conversion)) - before).toBe(3);
    expect(logged().at(-1)).toMatchObject({ looksFor: 'deletions', queued: 3 });
    expect(lambda.events).toEqual([]);
  });

  it('queues no deleted uploads if their results are to be kept', async () => {
    await storeResult(ops.s3, { bucket: 'uploads', key: 'gone.jpg' });
    const before = await countMessages(ops.sqs, conversion);
    expect(await queueDeleted(ops, { stop: new AbortController().signal })).toEqual({ queued: 0 });
    expect(await countMessages(ops.sqs, conversion)).toBe(before);
  });

  it('looks for the remaining deleted uploads in another invocation', async () => {
    const keys = Array.from({ length: 25 }, (_, index) => `gone/${String(index).padStart(2, '0')}.jpg`);
    for (const key of keys) await storeResult(ops.s3, { bucket: 'uploads', key });
    ops = { ...ops, deployment: { ...ops.deployment, whenDeleted: 'delete' } };
    const lambda = lambdaOf(1);
    const before = await countMessages(ops.sqs, conversion);
    await lambda.invoke({ looksFor: 'deletions' });
    let invocations = 1;
    for (let event = lambda.events.shift(); event !== undefined; event = lambda.events.shift()) {
      expect(event).toMatchObject({ looksFor: 'deletions' });
      await lambda.invoke(event);
      invocations += 1;
    }
    expect(invocations).toBeGreaterThan(2);
    expect((await countMessages(ops.sqs, conversion)) - before).toBe(keys.length);
  });

  it("continues after foreign objects under results' keys", async () => {
    for (const key of ['theirs/1', 'theirs/2', 'theirs/3'])
      await ops.s3.send(new PutObjectCommand({ Bucket: 'results', Key: key, Body: 'theirs' }));
    ops = { ...ops, deployment: { ...ops.deployment, whenDeleted: 'delete' } };
    let looks = 0;
    const stop = {
      get aborted() {
        return (looks += 1) > 1;
      },
    } as AbortSignal;
    expect(await queueDeleted(ops, { stop })).toEqual({ queued: 0, goOnAfter: 'theirs/1' });
    expect(await queueDeleted(ops, { after: 'theirs/1', stop: new AbortController().signal })).toEqual({
      queued: 0,
    });
  });

  it('fails instead of invoking itself forever without progress', async () => {
    const lambda = lambdaOf(0);
    await expect(lambda.invoke(SCHEDULED)).rejects.toThrow('nothing was looked at');
    await expect(lambda.invoke({ after: 'photos/05.jpg' })).rejects.toThrow('nothing was looked at');
    expect(lambda.events).toEqual([]);
  });
});

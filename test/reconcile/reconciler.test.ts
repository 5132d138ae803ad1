import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { METRICS_NAMESPACE } from '../../src/core/counters.ts';
import { SETTINGS } from '../../src/core/settings.ts';
import type { OpsContext } from '../../src/ops/context.ts';
import { SYSTEM_TIME } from '../../src/ops/time.ts';
import { createReconciler } from '../../src/reconcile/reconciler.ts';
import { opsOf } from '../support/ops.ts';
import { countMessages } from '../support/pipeline.ts';
import { startBench, type Bench } from '../support/worker.ts';

/** As EventBridge invokes a function by a schedule. */
const SCHEDULED = { version: '0', 'detail-type': 'Scheduled Event', source: 'aws.events', detail: {} };
const KEYS = Array.from({ length: 30 }, (_, index) => `photos/${String(index).padStart(2, '0')}.jpg`);

let bench: Bench;
let ops: OpsContext;
let conversion: string;
/** What CloudWatch is told. */
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

/** Lambda's part: what is invoked comes next, and the time of each invocation is over after some requests. */
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
  it('counts what it queued and says so in one line', async () => {
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

  it('lets another invocation go on when its time is over, until all are looked at', async () => {
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

  it('fails rather than invoke itself for ever without any progress', async () => {
    const lambda = lambdaOf(0);
    await expect(lambda.invoke({ after: 'photos/05.jpg' })).rejects.toThrow('no upload was looked at');
    expect(lambda.events).toEqual([]);
  });
});

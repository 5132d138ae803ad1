import { Metrics } from '@aws-lambda-powertools/metrics';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { alarmsOf } from '../../src/core/alarms.ts';
import { METRICS_NAMESPACE } from '../../src/core/metric-names.ts';
import { SETTINGS } from '../../src/core/settings.ts';
import { createGuard } from '../../src/guard/guard.ts';
import type { OpsContext } from '../../src/ops/context.ts';
import { listDeadLetters } from '../../src/ops/dead-letters/list.ts';
import { failing } from '../support/failing.ts';
import { letterOf, opsOf, sendAll } from '../support/ops.ts';
import { startBench, type Bench } from '../support/worker.ts';
import { TIMING } from '../support/timing.ts';

const ALARMS = alarmsOf(TIMING);

const DAY = 86_400_000;
const KEYS = Array.from({ length: 12 }, (_, index) => `photos/${index}.jpg`);

let bench: Bench;
let ops: OpsContext;
/** The metrics sent to CloudWatch. */
let documents: Record<string, unknown>[];
beforeEach(async () => {
  bench = await startBench();
  ops = opsOf(bench);
  documents = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
    documents.push(JSON.parse(String(line)) as Record<string, unknown>);
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await bench.stop();
});

/** Runs the guard at the given time, and returns the metrics that it publishes. */
async function guardAt(milliseconds: number) {
  const metrics = new Metrics({ namespace: METRICS_NAMESPACE, serviceName: 'the-guard' });
  await createGuard({ ops, metrics, now: () => milliseconds })();
  return documents.at(-1);
}

const sendLetters = () =>
  sendAll(
    ops,
    ops.deployment.deadLetterQueueUrl,
    KEYS.map((key) => letterOf(key, 'image.corrupt')),
  );

async function oldestSent(): Promise<number> {
  let oldest = Number.POSITIVE_INFINITY;
  for await (const { sentAt } of listDeadLetters(ops)) oldest = Math.min(oldest, sentAt.getTime());
  return oldest;
}

describe('the expiry guard publishes', () => {
  it('the age of the oldest dead letter since it was sent, however often it was received', async () => {
    await sendLetters();
    const oldest = await oldestSent();
    for (const days of [1, 10.5, 11, 11.5])
      expect(await guardAt(oldest + days * DAY)).toMatchObject({
        service: 'the-guard',
        OldestDeadLetterSeconds: days * 86_400,
        Archived: 0,
      });
    expect(documents[0]?.['_aws']).toMatchObject({ CloudWatchMetrics: [{ Namespace: 'Millrace' }] });
  });

  it('an age that triggers the alarm days before the dead letter is archived', async () => {
    await sendLetters();
    const sent = await oldestSent();
    const { threshold } = ALARMS['dead-letters-expiring'];
    const before = sent + (SETTINGS.archiveAfterSeconds - 86_400) * 1000;
    expect((await guardAt(before))?.['OldestDeadLetterSeconds']).toBeGreaterThan(threshold);
    expect(await oldestSent()).toBe(sent);
  });

  it('how many it archived, once, and no age if none is left', async () => {
    await sendLetters();
    const late = (await oldestSent()) + SETTINGS.archiveAfterSeconds * 1000 + DAY;
    expect(await guardAt(late)).toMatchObject({ OldestDeadLetterSeconds: 0, Archived: KEYS.length });
    expect(await guardAt(late)).toMatchObject({ OldestDeadLetterSeconds: 0, Archived: 0 });
  });

  it('nothing if it failed, which has its own alarm', async () => {
    await sendLetters();
    failing(ops.sqs, 'ReceiveMessageCommand', new Error('no answer'), { times: 1 });
    await expect(guardAt(Date.now())).rejects.toThrow('no answer');
    expect(documents).toEqual([]);
  });
});

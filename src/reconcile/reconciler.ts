import type { Logger } from '@aws-lambda-powertools/logger';
import { MetricUnit, type Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { RECONCILE_METRICS } from '../core/counters.ts';
import { timeOf, type OpsContext } from '../ops/context.ts';
import { queueUnsettled, type Reconciliation } from '../ops/queue-unsettled.ts';

/** What an invocation passes to the next one. The schedule's own event has none of this. */
const eventSchema = z.object({ after: z.string().optional() });
type Next = { after: string };

/** Time to queue the uploads in hand and to start the next invocation. Milliseconds. */
const HAND_ON_MILLISECONDS = 60_000;

interface ReconcilerDeps {
  ops: OpsContext;
  metrics: Metrics;
  logger: Logger;
  /** Starts the next invocation. */
  goOn(next: Next): Promise<void>;
  /** Returns milliseconds since 1970. */
  now(): number;
}

/**
 * Reconciles the buckets as far as its time allows, then starts another invocation that goes on from there. Two chains
 * at once are harmless (docs/adr/0014), so nothing is locked.
 * @throws Error when it made no progress, because a chain of such invocations would never end; the SDK's error
 */
export function createReconciler({ ops, metrics, logger, goOn, now }: ReconcilerDeps) {
  return async (
    event: unknown,
    context: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<Reconciliation> => {
    const { after } = eventSchema.parse(event);
    const milliseconds = Math.max(0, context.getRemainingTimeInMillis() - HAND_ON_MILLISECONDS);
    const found = await queueUnsettled(ops, { after, stop: timeOf(ops).limit(milliseconds), now: now() });
    const { uploads, queued, sample, goOnAfter } = found;
    metrics.addMetric(RECONCILE_METRICS.queued, MetricUnit.Count, queued);
    metrics.publishStoredMetrics();
    logger.info('reconciled', { after, uploads, queued, sample, goOnAfter });
    if (goOnAfter === undefined) return found;
    if (uploads === 0) throw new Error(`no upload was looked at in ${milliseconds} ms`);
    await goOn({ after: goOnAfter });
    return found;
  };
}

import type { Logger } from '@aws-lambda-powertools/logger';
import { MetricUnit, type Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { RECONCILE_METRICS } from '../core/metric-names.ts';
import { timeOf, type OpsContext } from '../ops/context.ts';
import { queueDeleted, type Deletions } from '../ops/queue-deleted.ts';
import { queuePending, type Reconciliation } from '../ops/queue-pending.ts';

/** What an invocation passes to the next one. The schedule's own event has none of this. */
const eventSchema = z.object({
  /** Key to continue after. */
  after: z.string().optional(),
  /** What to look for from there: uploads without an outcome, or outcomes without an upload. */
  looksFor: z.enum(['uploads', 'deletions']).default('uploads'),
});
type Next = { after?: string; looksFor?: 'deletions' };

/** Milliseconds to queue the current uploads and start the next invocation. */
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
 * Reconciles the buckets as far as its time allows, then starts another invocation that continues from there. Two
 * concurrent chains are harmless (docs/adr/0014), so there is no lock. If results are deleted with their uploads, the
 * chain then looks for deleted uploads.
 * @throws Error if it made no progress, because a chain of such invocations would never end; the SDK's error
 */
export function createReconciler({ ops, metrics, logger, goOn, now }: ReconcilerDeps) {
  return async (
    event: unknown,
    context: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<Reconciliation | Deletions> => {
    const { after, looksFor } = eventSchema.parse(event);
    const milliseconds = Math.max(0, context.getRemainingTimeInMillis() - HAND_ON_MILLISECONDS);
    const stop = timeOf(ops).limit(milliseconds);
    const found =
      looksFor === 'uploads'
        ? await queuePending(ops, { after, stop, now: now() })
        : await queueDeleted(ops, { after, stop });
    const { queued, goOnAfter } = found;
    metrics.addMetric(RECONCILE_METRICS.queued, MetricUnit.Count, queued);
    metrics.publishStoredMetrics();
    logger.info('reconciled', { looksFor, after, ...found });
    if (goOnAfter !== undefined && goOnAfter === (after ?? ''))
      throw new Error(`nothing was looked at in ${milliseconds} ms`);
    if (goOnAfter !== undefined)
      await goOn(looksFor === 'uploads' ? { after: goOnAfter } : { after: goOnAfter, looksFor });
    else if (looksFor === 'uploads' && ops.deployment.whenDeleted === 'delete')
      await goOn({ looksFor: 'deletions' });
    return found;
  };
}

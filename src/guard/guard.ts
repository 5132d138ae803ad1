import { MetricUnit, type Metrics } from '@aws-lambda-powertools/metrics';
import { GUARD_METRICS } from '../core/counters.ts';
import { SETTINGS } from '../core/settings.ts';
import type { DeadLetterContext } from '../ops/context.ts';
import { archiveDeadLetters, type Archived } from '../ops/dead-letters/archive.ts';

interface GuardDeps {
  ops: DeadLetterContext;
  metrics: Metrics;
  /** Milliseconds since 1970. */
  now(): number;
}

/**
 * Archives dead letters that SQS would drop soon, and tells how old the oldest of the others is. SQS's own metric of
 * that leaves out what was received three times or more, as every dead letter soon is: by this guard.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
export function createGuard({ ops, metrics, now }: GuardDeps): () => Promise<Archived> {
  return async () => {
    const begin = now();
    const archived = await archiveDeadLetters(ops, SETTINGS.archiveAfterSeconds, begin);
    const { taken, oldestLeft } = archived;
    const seconds = oldestLeft === undefined ? 0 : Math.max(0, (begin - oldestLeft.getTime()) / 1000);
    metrics.addMetric(GUARD_METRICS.oldest, MetricUnit.Seconds, seconds);
    metrics.addMetric(GUARD_METRICS.archived, MetricUnit.Count, taken);
    metrics.publishStoredMetrics();
    return archived;
  };
}

import { MetricUnit, type Metrics } from '@aws-lambda-powertools/metrics';
import { GUARD_METRICS } from '../core/metric-names.ts';
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
 * Archives dead letters that SQS would soon delete, and publishes the age of the oldest remaining one. SQS's own metric
 * ignores messages received three times or more, which soon applies to every dead letter because this function reads
 * them.
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

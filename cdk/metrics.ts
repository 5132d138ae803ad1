import type { Duration } from 'aws-cdk-lib';
import { Stats, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { AlarmId } from '../src/core/alarms.ts';
import type { ConversionPipeline } from './conversion-pipeline.ts';
import { guardMetric, reconcileMetric } from './own-metrics.ts';
import { nothingConverts } from './queue-math.ts';

export type AlarmMetric = (period: Duration) => IMetric;

/** Returns each alarm's metric for a period. @param api undefined in a deployment without an API */
export function alarmMetrics(
  pipeline: ConversionPipeline,
  api: HttpApi | undefined,
): Partial<Record<AlarmId, AlarmMetric>> {
  const { conversionQueue, retryQueue, deadLetterQueue, expiryGuard, reconciler, worker } = pipeline;
  return {
    // No other metric includes messages that the redrive policy moves.
    'dead-letters': (period) =>
      deadLetterQueue.metricApproximateNumberOfMessagesVisible({ period, statistic: Stats.MAXIMUM }),
    'dead-letters-expiring': (period) =>
      guardMetric(pipeline, 'oldest', { period, statistic: Stats.MAXIMUM }),
    'dead-letters-archived': (period) => guardMetric(pipeline, 'archived', { period, statistic: Stats.SUM }),
    'guard-errors': (period) => expiryGuard.metricErrors({ period }),
    'reconcile-errors': (period) => reconciler.metricErrors({ period }),
    'reconcile-found': (period) => reconcileMetric(pipeline, 'queued', period),
    'conversion-backlog': (period) =>
      conversionQueue.metricApproximateAgeOfOldestMessage({ period, statistic: Stats.MAXIMUM }),
    'retry-backlog': (period) =>
      retryQueue.metricApproximateAgeOfOldestMessage({ period, statistic: Stats.MAXIMUM }),
    'worker-errors': (period) => worker.metricErrors({ period }),
    'worker-throttles': (period) => worker.metricThrottles({ period }),
    'worker-slow': (period) => worker.metricDuration({ period, statistic: Stats.p(99) }),
    ...(api && { 'api-errors': (period) => api.metricServerError({ period, statistic: Stats.SUM }) }),
    'nothing-converts': (period) => nothingConverts(pipeline, period),
  };
}

import type { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import {
  GUARD_METRICS,
  METRICS_NAMESPACE,
  RECONCILE_METRICS,
  type WorkerCounter,
} from '../src/core/metric-names.ts';
import type { ConversionPipeline } from './conversion-pipeline.ts';

/** Returns a counter of this deployment's worker (`src/worker/telemetry.ts`). */
export function workerCounter(pipeline: ConversionPipeline, name: WorkerCounter, period: Duration): Metric {
  return ownMetric(pipeline.worker, name, { period });
}

/** Returns a metric of the expiry guard (`src/guard/guard.ts`). */
export function guardMetric(
  pipeline: ConversionPipeline,
  name: keyof typeof GUARD_METRICS,
  props: { period: Duration; statistic: string },
): Metric {
  return ownMetric(pipeline.expiryGuard, GUARD_METRICS[name], props);
}

/** Returns a metric of the reconciler (`src/reconcile/reconciler.ts`). */
export function reconcileMetric(
  pipeline: ConversionPipeline,
  name: keyof typeof RECONCILE_METRICS,
  period: Duration,
): Metric {
  return ownMetric(pipeline.reconciler, RECONCILE_METRICS[name], { period });
}

function ownMetric(
  { functionName }: LambdaFunction,
  metricName: string,
  { period, statistic = Stats.SUM }: { period: Duration; statistic?: string },
): Metric {
  return new Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    dimensionsMap: { service: functionName },
    statistic,
    period,
  });
}

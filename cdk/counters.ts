import type { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS_NAMESPACE } from '../src/core/counters.ts';
import type { ConversionPipeline } from './conversion-pipeline.ts';

/** The worker's own counters (`src/worker/telemetry.ts`), of this deployment's function alone. */
export function workerCounter(pipeline: ConversionPipeline, metricName: string, period: Duration): Metric {
  return new Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    dimensionsMap: { service: pipeline.worker.functionName },
    statistic: Stats.SUM,
    period,
  });
}

import type { Duration } from 'aws-cdk-lib';
import { MathExpression, Stats, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ConversionPipeline } from './conversion-pipeline.ts';
import { workerCounter } from './own-metrics.ts';

/**
 * Sums metrics that may not exist. A worker that has never converted anything has no counters, and an expression with
 * a missing metric has no value, even with FILL. SUM over a list ignores missing metrics, so `visible`, which a queue
 * in use always has, is added and subtracted again.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
const sumOf = (...metrics: string[]) => `(SUM([visible, ${metrics.join(', ')}]) - visible)`;

/** 1 for a period in which uploads arrived or waited, some had to be converted, and none was; otherwise 0. */
export const NOTHING_CONVERTS = `IF(SUM([arrived, visible, hidden]) > 0 AND ${sumOf('converted', 'current', 'ignored')} == 0, 1, 0)`;

/** Seconds. Assumes one deleted message per period if there was none, so that the value is large but not blank. */
export const TIME_TO_DRAIN = `SUM([visible, hidden]) * PERIOD(visible) / IF(${sumOf('deleted')} > 0, ${sumOf('deleted')}, 1)`;

export function nothingConverts(pipeline: ConversionPipeline, period: Duration): IMetric {
  return new MathExpression({
    label: 'uploads without a conversion',
    expression: NOTHING_CONVERTS,
    period,
    usingMetrics: {
      ...waiting(pipeline, period),
      arrived: pipeline.conversionQueue.metricNumberOfMessagesSent({ period }),
      converted: workerCounter(pipeline, 'Converted', period),
      // A period with only duplicates is normal.
      current: workerCounter(pipeline, 'Current', period),
      ignored: workerCounter(pipeline, 'Ignored', period),
    },
  });
}

export function timeToDrain(pipeline: ConversionPipeline, period: Duration): IMetric {
  return new MathExpression({
    label: 'seconds until the conversion queue is empty',
    expression: TIME_TO_DRAIN,
    period,
    usingMetrics: {
      ...waiting(pipeline, period),
      deleted: pipeline.conversionQueue.metricNumberOfMessagesDeleted({ period }),
    },
  });
}

/** Messages of a crashed worker stay hidden until their visibility timeout. */
function waiting({ conversionQueue }: ConversionPipeline, period: Duration) {
  const props = { period, statistic: Stats.MAXIMUM };
  return {
    visible: conversionQueue.metricApproximateNumberOfMessagesVisible(props),
    hidden: conversionQueue.metricApproximateNumberOfMessagesNotVisible(props),
  };
}

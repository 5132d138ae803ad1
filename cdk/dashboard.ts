import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  MathExpression,
  type Alarm,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { conversionRequests, lambdaSecond } from '../src/core/cost.ts';
import { METRICS_NAMESPACE, REJECTED_BY_CODE, type WorkerCounter } from '../src/core/metric-names.ts';
import { maxRenditions } from '../src/core/result-keys.ts';
import { resultNamesOf } from '../src/core/rules.ts';
import { PRICES } from '../src/core/prices.ts';
import type { ConversionPipeline } from './conversion-pipeline.ts';
import { workerCounter } from './own-metrics.ts';
import { timeToDrain } from './queue-math.ts';

const PERIOD = Duration.minutes(5);

/**
 * Creates the dashboard: arrivals, conversions, failures by code, time to drain, and the cost of a thousand objects.
 */
export function createDashboard(scope: Construct, pipeline: ConversionPipeline, alarms: Alarm[]): Dashboard {
  const { conversionQueue, retryQueue, deadLetterQueue, worker } = pipeline;
  const counters = (...names: WorkerCounter[]) => names.map((name) => workerCounter(pipeline, name, PERIOD));
  const graph = (title: string, left: IMetric[], unit?: string) =>
    new GraphWidget({
      title,
      left,
      width: 12,
      leftYAxis: { min: 0, ...(unit === undefined ? {} : { label: unit, showUnits: false }) },
    });
  return new Dashboard(scope, 'Dashboard', {
    widgets: [
      [new AlarmStatusWidget({ title: 'Alarms', alarms, width: 24 })],
      [
        graph('Arrivals', [
          conversionQueue.metricNumberOfMessagesSent({ period: PERIOD, label: 'notifications' }),
          retryQueue.metricNumberOfMessagesSent({ period: PERIOD, label: 'sent to be tried again' }),
        ]),
        graph(
          'Outcomes',
          counters(
            'Converted',
            'Current',
            'Gone',
            'Ignored',
            'Rejected',
            'Retried',
            'Deferred',
            'Forwarded',
            'NotBegun',
            'Failed',
          ),
        ),
      ],
      [
        graph('Failures by code', [failuresByCode(pipeline)]),
        graph('Dead letters', [
          deadLetterQueue.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: 'Maximum' }),
        ]),
      ],
      [
        graph('Time to drain', [timeToDrain(pipeline, PERIOD)], 'seconds'),
        graph('Cost of 1,000 objects', [costPerThousand(pipeline)], 'dollars'),
      ],
      [
        graph('Invocations', [
          worker.metricInvocations({ period: PERIOD }),
          worker.metricErrors({ period: PERIOD }),
          worker.metricThrottles({ period: PERIOD }),
        ]),
        graph('Duration', [
          worker.metricDuration({ period: PERIOD, statistic: 'p50' }),
          worker.metricDuration({ period: PERIOD, statistic: 'p99' }),
        ]),
      ],
    ],
  });
}

/** Uses a search, because a code's metric exists only after its first failure. */
function failuresByCode({ worker }: ConversionPipeline): IMetric {
  return new MathExpression({
    expression: `SEARCH('{${METRICS_NAMESPACE},code,service} MetricName="${REJECTED_BY_CODE}" service="${worker.functionName}"', 'Sum', ${PERIOD.toSeconds()})`,
    label: '',
    period: PERIOD,
    usingMetrics: {},
  });
}

/** Combines measured time with estimated requests (docs/deploy.md has the formula). */
function costPerThousand(pipeline: ConversionPipeline): IMetric {
  const { worker, recipe } = pipeline;
  const architecture = worker.architecture.name as 'arm64' | 'x86_64';
  const millisecond = lambdaSecond(architecture, pipeline.workerMemory) / 1000;
  const requests = conversionRequests(maxRenditions(resultNamesOf(recipe)), pipeline.timing.batchSize);
  return new MathExpression({
    label: 'dollars for 1,000 objects',
    expression: `IF(converted > 0, 1000 * (milliseconds * ${decimal(millisecond)} + invocations * ${decimal(PRICES.lambdaInvocation)} + converted * ${decimal(requests)}) / converted)`,
    period: PERIOD,
    usingMetrics: {
      converted: workerCounter(pipeline, 'Converted', PERIOD),
      milliseconds: worker.metricDuration({ period: PERIOD, statistic: 'Sum' }),
      invocations: worker.metricInvocations({ period: PERIOD }),
    },
  });
}

/** Formats without an exponent, whose e CloudWatch would take for a metric. */
function decimal(dollars: number): string {
  return dollars.toFixed(14);
}

import type { CloudWatchClient, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { METRICS_NAMESPACE, type WorkerCounter } from '../core/metric-names.ts';
import { createSdkClient } from '../core/sdk-client.ts';
import { readCloudWatchAlarm } from '../ops/alarm.ts';
import { API_LIMITS, type ApiDeps, type MetricsMinute } from './deps.ts';

interface CloudWatchOptions {
  /** Name of the worker's function: the `service` dimension of its metrics. */
  workerFunction: string;
  /** Name of the alarm on dead letters. */
  deadLetterAlarm?: string;
  /** Called at the first query. */
  createClient?: () => Promise<CloudWatchClient>;
}

const MINUTES = 60;
/** Pages poll every few seconds, but CloudWatch's periods are minutes, and each query costs money. */
const KEPT_MILLISECONDS = 30_000;
const COUNTERS = { converted: 'Converted', rejected: 'Rejected', failed: 'Failed' } as const satisfies Record<
  string,
  WorkerCounter
>;
type Counter = keyof typeof COUNTERS;

/** Reads the worker's metrics and the alarm from CloudWatch. */
export function createCloudWatch({
  workerFunction,
  deadLetterAlarm,
  createClient = newClient,
}: CloudWatchOptions): Pick<ApiDeps, 'readMinutes' | 'readAlarm'> {
  let client: Promise<CloudWatchClient> | undefined;
  const cloudWatch = () => (client ??= createClient());
  return {
    readMinutes: kept(async () => readMinutes(await cloudWatch(), workerFunction)),
    readAlarm: kept(async () =>
      deadLetterAlarm === undefined ? undefined : readCloudWatchAlarm(await cloudWatch(), deadLetterAlarm),
    ),
  };
}

/** Imported on first use, because most invocations of the API do not need it. */
async function newClient(): Promise<CloudWatchClient> {
  const { CloudWatchClient } = await import('@aws-sdk/client-cloudwatch');
  return createSdkClient(CloudWatchClient, {}, API_LIMITS);
}

async function readMinutes(client: CloudWatchClient, service: string): Promise<MetricsMinute[]> {
  const { GetMetricDataCommand } = await import('@aws-sdk/client-cloudwatch');
  const end = Math.ceil(Date.now() / 60_000) * 60_000;
  const begin = end - MINUTES * 60_000;
  const { MetricDataResults = [] } = await client.send(
    new GetMetricDataCommand({
      StartTime: new Date(begin),
      EndTime: new Date(end),
      MetricDataQueries: Object.entries(COUNTERS).map(([Id, MetricName]) => query(Id, MetricName, service)),
    }),
  );
  const minutes = Array.from({ length: MINUTES }, (_, index): MetricsMinute => {
    return { at: new Date(begin + index * 60_000).toISOString(), converted: 0, rejected: 0, failed: 0 };
  });
  // A minute without events has no value.
  for (const { Id, Timestamps = [], Values = [] } of MetricDataResults) {
    for (const [index, timestamp] of Timestamps.entries()) {
      const minute = minutes[Math.floor((timestamp.getTime() - begin) / 60_000)];
      if (minute !== undefined) minute[Id as Counter] = Values[index] ?? 0;
    }
  }
  return minutes;
}

function query(Id: string, MetricName: string, service: string): MetricDataQuery {
  return {
    Id,
    MetricStat: {
      Metric: { Namespace: METRICS_NAMESPACE, MetricName, Dimensions: [{ Name: 'service', Value: service }] },
      Period: 60,
      Stat: 'Sum',
    },
  };
}

function kept<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  let askedAt = 0;
  return () => {
    if (answer !== undefined && Date.now() - askedAt < KEPT_MILLISECONDS) return answer;
    askedAt = Date.now();
    const asked = ask();
    answer = asked;
    // Failures are not cached.
    asked.catch(() => (answer = answer === asked ? undefined : answer));
    return asked;
  };
}

import { SETTINGS } from './settings.ts';
import { RESPONSE_SECONDS, type Timing } from './timing.ts';

/** A condition that requires attention, as data. The monitoring construct has each alarm's metric. */
export interface Alarm {
  /** The condition in words. */
  summary: string;
  /** The alarm fires if the measured value is above this. */
  threshold: number;
  unit: 'messages' | 'uploads' | 'seconds' | 'invocations' | 'milliseconds' | 'responses' | 'periods';
  periodSeconds: number;
  /** Consecutive periods that must be above the threshold. */
  periods: number;
}

const HOUR = 3600;
const DAY = 24 * HOUR;

/** The alarms of a pipeline, by the ids that name them and their headings in `docs/runbook.md`. */
export const alarmsOf = (timing: Timing) =>
  ({
    'dead-letters': {
      summary: 'messages are in the dead-letter queue',
      threshold: 0,
      unit: 'messages',
      periodSeconds: 60,
      periods: 1,
    },
    'dead-letters-expiring': {
      summary: 'the oldest dead letter will soon leave its queue for the archive',
      // Two days remain to act before it is archived.
      threshold: SETTINGS.archiveAfterSeconds - 2 * DAY,
      unit: 'seconds',
      // The guard measures once an hour, so two hours always have a value.
      periodSeconds: 7200,
      periods: 1,
    },
    'dead-letters-archived': {
      summary: 'dead letters were moved to the archive, which keeps them for a limited time only',
      threshold: 0,
      unit: 'messages',
      periodSeconds: 3600,
      periods: 1,
    },
    'guard-errors': {
      summary: 'the expiry guard failed: dead letters may expire without being archived',
      threshold: 0,
      unit: 'invocations',
      periodSeconds: 3600,
      periods: 1,
    },
    'reconcile-errors': {
      summary: 'the reconciliation failed: an upload whose notification was lost may stay pending',
      threshold: 0,
      unit: 'invocations',
      // It runs at least once a day: the alarm stays until the next run.
      periodSeconds: DAY,
      periods: 1,
    },
    'reconcile-found': {
      summary:
        'on three consecutive days, the reconciliation found uploads with neither a result nor a failure report',
      // A single day means a restored object or an adopted bucket; several consecutive days mean lost notifications.
      threshold: 0,
      unit: 'uploads',
      periodSeconds: DAY,
      periods: 3,
    },
    'conversion-backlog': {
      summary: 'the oldest upload has been waiting in the conversion queue for more than an hour',
      threshold: 3600,
      unit: 'seconds',
      periodSeconds: 300,
      periods: 1,
    },
    'retry-backlog': {
      summary: 'a message has been waiting in the retry queue for longer than its attempts take',
      // Well below the retention period after which SQS would silently delete it.
      threshold: timing.longestStaySeconds + HOUR,
      unit: 'seconds',
      periodSeconds: 300,
      periods: 1,
    },
    'worker-errors': {
      summary: 'worker invocations ended in an error: crash, out of memory or timeout',
      // One poison object costs at most one batch invocation and five separate ones.
      threshold: 1 + SETTINGS.maxReceiveCount,
      unit: 'invocations',
      periodSeconds: 300,
      periods: 1,
    },
    'worker-throttles': {
      summary: "Lambda refused to invoke the worker: the account's concurrency is used up",
      threshold: 0,
      unit: 'invocations',
      periodSeconds: 300,
      periods: 3,
    },
    'worker-slow': {
      summary: 'one in a hundred worker invocations had to respond before finishing its work',
      // A full batch of slow images may take until no more conversions start; only hanging work takes longer.
      threshold: (timing.functionTimeoutSeconds - RESPONSE_SECONDS) * 1000 - 1,
      unit: 'milliseconds',
      periodSeconds: 300,
      periods: 3,
    },
    'api-errors': {
      summary: 'the HTTP API answered with 5xx',
      threshold: 5,
      unit: 'responses',
      periodSeconds: 300,
      periods: 1,
    },
    'nothing-converts': {
      summary: 'uploads arrive or wait but nothing is converted',
      // 1 for a period in which uploads arrived or waited, and none was converted.
      threshold: 0,
      unit: 'periods',
      periodSeconds: 300,
      // A single object that killed its process is hidden for the visibility timeout, which overlaps one period less.
      periods: Math.ceil(timing.visibilityTimeoutSeconds / 300) + 2,
    },
  }) satisfies Record<string, Alarm>;

export type AlarmId = keyof ReturnType<typeof alarmsOf>;

/**
 * Returns the text of an alarm, for the operator on call.
 * @param docs where the documents are: a URL, or a folder
 */
export function alarmDescription(id: AlarmId, { summary }: Alarm, docs: string): string {
  return `${summary}. What to do: ${docs.replace(/\/$/, '')}/runbook.md#${id}`;
}

/**
 * How Lambda scales the event source of a standard SQS queue, according to its documentation of November 2026.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html and
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html; 10,000 event pollers since 3 August 2026:
 * https://aws.amazon.com/about-aws/whats-new/2026/08/aws-Lambda-provisioned-sqs-esm-max-pollers/
 */
const ON_DEMAND = { start: 5, perMinute: 300, most: 1250 } as const;
const PROVISIONED = { perMinute: 1000, invocationsPerPoller: 10, pollsPerSecond: 10 } as const;
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html */
const MESSAGES_IN_FLIGHT = 120_000;

/** The valid settings. Lambda refuses a maximum concurrency together with event pollers. */
export const MAXIMUM_CONCURRENCY = { min: 2, max: ON_DEMAND.most } as const;
export const MINIMUM_POLLERS = { min: 2, max: 200 } as const;
export const MAXIMUM_POLLERS = { min: 2, max: 10_000 } as const;
/** The default quota of most accounts. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const ACCOUNT_CONCURRENCY = 1000;

export interface Pollers {
  minimum: number;
  maximum: number;
}

export interface EventSource {
  /** The maximum concurrency, or the event pollers of the provisioned mode. */
  scaling: { concurrency: number } | { pollers: Pollers };
  accountConcurrency: number;
  batchSize: number;
  /** Seconds per invocation with a full batch. */
  batchSeconds: number;
}

/** How concurrency grows: from `start` invocations, by `perSecond` more each second, up to `limit`. */
export interface Ramp {
  start: number;
  perSecond: number;
  limit: number;
  limitedBy: Limit;
}

/** What limits concurrent invocations. */
export type Limit =
  | 'maximum-concurrency'
  | 'event-pollers'
  | 'event-source'
  | 'account-concurrency'
  | 'messages-in-flight';

/** Returns how an event source's concurrency grows while there are messages. */
export function rampOf({ scaling, accountConcurrency, batchSize, batchSeconds }: EventSource): Ramp {
  const others: Limits = [
    ['account-concurrency', accountConcurrency],
    ['messages-in-flight', Math.floor(MESSAGES_IN_FLIGHT / batchSize)],
  ];
  if ('pollers' in scaling) {
    const each = invocationsPerPoller(batchSeconds);
    const most = (pollers: number) => Math.max(1, Math.floor(pollers * each));
    return ramp(most(scaling.pollers.minimum), PROVISIONED.perMinute, [
      ['event-pollers', most(scaling.pollers.maximum)],
      ...others,
    ]);
  }
  return ramp(ON_DEMAND.start, ON_DEMAND.perMinute, [
    ['maximum-concurrency', scaling.concurrency],
    ...others,
    ['event-source', ON_DEMAND.most],
  ]);
}

type Limits = [name: Limit, invocations: number][];

/** Names the first of several equal limits. */
function ramp(start: number, perMinute: number, limits: Limits): Ramp {
  const [[limitedBy, limit] = ['event-source', 1] as const] = limits.toSorted(([, a], [, b]) => a - b);
  return { start: Math.min(start, limit), perSecond: perMinute / 60, limit, limitedBy };
}

/**
 * A poller receives ten times a second, so it keeps fewer than ten invocations busy if they last less than a second.
 */
function invocationsPerPoller(batchSeconds: number): number {
  return Math.min(PROVISIONED.invocationsPerPoller, PROVISIONED.pollsPerSecond * batchSeconds);
}

/** Returns the total hours of all event pollers, from the first message to the last. */
export function pollerHours(
  { minimum, maximum }: Pollers,
  { start, perSecond, limit }: Ramp,
  batchSeconds: number,
  seconds: number,
): number {
  const each = invocationsPerPoller(batchSeconds);
  const [from, to] = [start, limit].map((invocations) =>
    Math.min(maximum, Math.max(minimum, invocations / each)),
  ) as [number, number];
  const growing = Math.min(seconds, ((to - from) * each) / perSecond);
  const area = from * growing + ((perSecond / each) * growing ** 2) / 2;
  return (area + to * (seconds - growing)) / 3600;
}

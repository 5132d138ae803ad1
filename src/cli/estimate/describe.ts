import { count, duration, quantity } from '../format.ts';
import type { Estimate, Workload } from './estimate-of.ts';
import type { Limit } from './event-source.ts';

const LIMITS: Readonly<Record<Limit, string>> = {
  'maximum-concurrency': 'the maximum concurrency',
  'event-pollers': 'the event pollers',
  'event-source': "Lambda's limit for an event source",
  'account-concurrency': "the account's concurrency",
  'messages-in-flight': "SQS's limit on messages in flight",
};

const SERVICES: Readonly<Record<keyof Estimate['cost'], string>> = {
  lambda: 'Lambda',
  s3: 'S3',
  sqs: 'SQS',
  dynamoDb: 'DynamoDB',
  eventPollers: 'event pollers',
};

const HALF_A_DAY = 43_200;
const CENT = 0.01;

/** Describes an estimate for people. */
export function describeEstimate(workload: Workload, estimate: Estimate, megapixels?: number): string {
  const { drained, ramp, objectsPerSecond, batchSize, secondsEach } = estimate;
  const reached =
    drained.concurrency < ramp.limit
      ? `${quantity(drained.concurrency, 'invocation')}; the queue is empty before there are more`
      : `${quantity(ramp.limit, 'invocation')} after ${duration(drained.concurrencySeconds)}: limited by ${LIMITS[ramp.limitedBy]}`;
  return [
    `${uploads(workload.objects, megapixels)}, ${quantity(workload.renditions, 'result')} each`,
    `  drained in  ${duration(drained.seconds)}${clock(drained.seconds)}`,
    `  costs       ${price(estimate)}`,
    `  an object   takes ${inSeconds(secondsEach)} with ${count(workload.megabytes)} MB, and a batch of ${batchSize} takes ${inSeconds(batchSize * secondsEach)}`,
    `  concurrency ${reached}`,
    `  rate        up to ${count(Math.round(objectsPerSecond))} objects per second`,
  ].join('\n');
}

function uploads(objects: number, megapixels: number | undefined): string {
  return megapixels === undefined
    ? quantity(objects, 'object')
    : `${quantity(objects, 'photo')} of ${quantity(megapixels, 'megapixel')}`;
}

function price({ cost, dollars: total }: Estimate): string {
  if (total < CENT) return 'less than $0.01';
  const parts = (Object.keys(SERVICES) as (keyof typeof SERVICES)[])
    .filter((service) => cost[service] > 0)
    .map((service) => `${SERVICES[service]} ${dollars(cost[service])}`);
  return `${dollars(total)}: ${parts.join(', ')}`;
}

function clock(seconds: number): string {
  if (seconds >= HALF_A_DAY) return '';
  const minutes = Math.ceil(seconds / 60);
  const [hour, minute] = [12 + Math.floor(minutes / 60), minutes % 60].map((part) =>
    String(part).padStart(2, '0'),
  );
  return `: uploaded at noon, the last is converted by ${hour}:${minute}`;
}

function dollars(amount: number): string {
  return `$${amount.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

function inSeconds(value: number): string {
  return `${value < 10 ? value.toPrecision(2) : count(Math.round(value))} s`;
}

import { PRICES } from './prices.ts';

/** Each idempotency record has two writes: at the start and at the end. */
export const DYNAMO_WRITES = 2;

type Architecture = keyof typeof PRICES.lambdaGigabyteSecond;

/** A number of conversions, and the resources for each. */
export interface Work {
  objects: number;
  /** Results per object. */
  renditions: number;
  /** Seconds of an invocation per object. */
  seconds: number;
  /** Messages per invocation. */
  batchSize: number;
  /** The function's memory. */
  megabytes: number;
  architecture: Architecture;
}

/** Dollars, by service. */
export type Cost = Record<'lambda' | 's3' | 'sqs' | 'dynamoDb', number>;

/**
 * Returns what conversions cost on AWS. `docs/deploy.md` has the formula; it leaves out what is stored and what leaves
 * AWS.
 */
export function costOf({ objects, renditions, seconds, batchSize, megabytes, architecture }: Work): Cost {
  const requests = requestsOf(renditions, batchSize);
  return {
    lambda: objects * (seconds * lambdaSecond(architecture, megabytes) + PRICES.lambdaInvocation / batchSize),
    s3: objects * requests.s3,
    sqs: objects * requests.sqs,
    dynamoDb: objects * requests.dynamoDb,
  };
}

export function totalOf(cost: Readonly<Record<string, number>>): number {
  return Object.values(cost).reduce((sum, dollars) => sum + dollars, 0);
}

/** Returns the price of one second of a Lambda function, in dollars. */
export function lambdaSecond(architecture: Architecture, megabytes: number): number {
  return (PRICES.lambdaGigabyteSecond[architecture] * megabytes) / 1024;
}

/** Returns the price of one conversion's requests to S3, SQS and DynamoDB, in dollars. */
export function conversionRequests(renditions: number, batchSize: number): number {
  return totalOf(requestsOf(renditions, batchSize));
}

function requestsOf(renditions: number, batchSize: number): Omit<Cost, 'lambda'> {
  return {
    s3: renditions * (PRICES.s3Put + PRICES.s3Get) + PRICES.s3Get,
    sqs: (1 + 2 / batchSize) * PRICES.sqsRequest,
    dynamoDb: DYNAMO_WRITES * PRICES.dynamoWrite,
  };
}

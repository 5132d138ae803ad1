import { PRICES } from './prices.ts';

/** An idempotency record is begun and ended. */
export const DYNAMO_WRITES = 2;

type Architecture = keyof typeof PRICES.lambdaGigabyteSecond;

/** A number of conversions, and what each of them takes. */
export interface Work {
  objects: number;
  /** Results of each object. */
  renditions: number;
  /** Seconds that an invocation spends on each object. */
  seconds: number;
  /** Messages that each invocation receives. */
  batchSize: number;
  /** Memory of the function. */
  megabytes: number;
  architecture: Architecture;
}

/** Dollars, by service. */
export type Cost = Record<'lambda' | 's3' | 'sqs' | 'dynamoDb', number>;

/** Returns what conversions cost on AWS. `docs/deploy.md` has the formula; it leaves out what is stored and what leaves AWS. */
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

/** Dollars for a second of a Lambda function. */
export function lambdaSecond(architecture: Architecture, megabytes: number): number {
  return (PRICES.lambdaGigabyteSecond[architecture] * megabytes) / 1024;
}

/** Dollars for the requests that one conversion makes to S3, SQS and DynamoDB. */
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

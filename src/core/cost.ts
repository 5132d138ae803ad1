import { PRICES } from './prices.ts';
import { LARGEST_BATCH } from './timing.ts';

/** A photo of some ten megapixels to one WebP of 1600 pixels, decoded once; each further rendition adds a part. */
const SECONDS_AN_OBJECT = 0.35;
const SECONDS_A_RENDITION = 0.1;
/** Of one core. */
const MEGABYTES = 1769;
const DYNAMO_WRITES = 2;

type Architecture = keyof typeof PRICES.lambdaGigabyteSecond;

/** Dollars for a second of a Lambda function. */
export function lambdaSecond(architecture: Architecture, megabytes: number): number {
  return (PRICES.lambdaGigabyteSecond[architecture] * megabytes) / 1024;
}

/** Dollars for the requests that one conversion makes to S3, SQS and DynamoDB. */
export function conversionRequests(renditions: number, batchSize: number): number {
  return (
    renditions * (PRICES.s3Put + PRICES.s3Get) +
    PRICES.s3Get +
    (1 + 2 / batchSize) * PRICES.sqsRequest +
    DYNAMO_WRITES * PRICES.dynamoWrite
  );
}

/**
 * Dollars for this many conversions on AWS, roughly: photos of a camera, on arm64, in full batches. `docs/deploy.md` has
 * the formula; it leaves out what is stored and what leaves AWS.
 */
export function estimateCost(objects: number, renditions: number): number {
  const seconds = SECONDS_AN_OBJECT + SECONDS_A_RENDITION * (renditions - 1);
  const each =
    seconds * lambdaSecond('arm64', MEGABYTES) +
    PRICES.lambdaInvocation / LARGEST_BATCH +
    conversionRequests(renditions, LARGEST_BATCH);
  return objects * each;
}

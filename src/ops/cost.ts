import { PRICES } from '../core/prices.ts';
import { LARGEST_BATCH } from '../core/timing.ts';

/** A photo of some ten megapixels to one WebP of 1600 pixels, decoded once; each further rendition adds a part. */
const SECONDS_AN_OBJECT = 0.35;
const SECONDS_A_RENDITION = 0.1;
/** 1,769 MB: one core. */
const GIGABYTES = 1769 / 1024;
const DYNAMO_WRITES = 2;

/**
 * Dollars for so many objects on AWS, roughly: photos of a camera, on arm64, in full batches. `docs/deploy.md` has the
 * formula; it leaves out what is stored and what leaves AWS.
 */
export function estimateCost(objects: number, renditions: number): number {
  const seconds = SECONDS_AN_OBJECT + SECONDS_A_RENDITION * (renditions - 1);
  const each =
    seconds * GIGABYTES * PRICES.lambdaGigabyteSecond.arm64 +
    PRICES.lambdaInvocation / LARGEST_BATCH +
    PRICES.s3Get +
    renditions * (PRICES.s3Put + PRICES.s3Get) +
    PRICES.sqsRequest * (1 + 2 / LARGEST_BATCH) +
    DYNAMO_WRITES * PRICES.dynamoWrite;
  return objects * each;
}

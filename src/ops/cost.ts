/**
 * What conversions cost on AWS, in dollars: list prices of us-east-1. `docs/deploy.md` has the formula and its
 * sources. It leaves out what is stored and what leaves AWS.
 */
const PRICES = {
  /** A second of one vCPU (1,769 MB) of Lambda on arm64. */
  vcpuSecond: 23 / 1_000_000,
  invocation: 0.2 / 1_000_000,
  s3Get: 0.4 / 1_000_000,
  s3Put: 5 / 1_000_000,
  sqsRequest: 0.4 / 1_000_000,
  dynamoWrite: 0.625 / 1_000_000,
} as const;

/** A photo of some ten megapixels to one WebP of 1600 pixels, decoded once; each further rendition adds a part. */
const SECONDS_AN_OBJECT = 0.35;
const SECONDS_A_RENDITION = 0.1;
const BATCH = 10;
const DYNAMO_WRITES = 2;

/** Dollars for so many objects, roughly: photos of a camera, in full batches. */
export function estimateCost(objects: number, renditions: number): number {
  const seconds = SECONDS_AN_OBJECT + SECONDS_A_RENDITION * (renditions - 1);
  const each =
    seconds * PRICES.vcpuSecond +
    PRICES.invocation / BATCH +
    PRICES.s3Get +
    renditions * PRICES.s3Put +
    PRICES.sqsRequest * (1 + 2 / BATCH) +
    DYNAMO_WRITES * PRICES.dynamoWrite;
  return objects * each;
}

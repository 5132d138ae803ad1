/** Memory that buys one whole core. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
export const MEGABYTES_PER_CORE = 1769;

/** What the deployment sets where it is not told otherwise. */
export const LAMBDA_DEFAULTS = {
  workerMegabytes: MEGABYTES_PER_CORE,
  /** Invocations of the worker at the same time for new uploads. */
  concurrency: 50,
} as const;

/** Returns the conversions that a worker runs side by side: Lambda shows at least two cores, whatever share it gives. */
export function conversionsAtOnce(megabytes: number): number {
  return Math.max(1, Math.round(megabytes / MEGABYTES_PER_CORE));
}

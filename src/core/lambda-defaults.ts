/** Memory that provides one core. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
export const MEGABYTES_PER_CORE = 1769;

/** The deployment's defaults. */
export const LAMBDA_DEFAULTS = {
  workerMegabytes: MEGABYTES_PER_CORE,
  /** Maximum concurrent invocations for new uploads. */
  concurrency: 50,
} as const;

/** The values that the deployment's settings allow. */
export const LAMBDA_RANGES = {
  workerMegabytes: { min: 512, max: 10_240 },
  /** Megabytes of `/tmp`. https://docs.aws.amazon.com/lambda/latest/dg/configuration-ephemeral-storage.html */
  workerStorage: { min: 512, max: 10_240 },
  /** Maximum concurrency of each of the worker's two queues. */
  concurrency: { min: 2, max: 1000 },
} as const;

/**
 * Returns the conversions that a worker runs side by side: Lambda shows at least two cores, whatever share it gives.
 */
export function conversionsAtOnce(megabytes: number): number {
  return Math.max(1, Math.round(megabytes / MEGABYTES_PER_CORE));
}

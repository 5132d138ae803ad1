import { Token } from 'aws-cdk-lib';
import { LAMBDA_RANGES } from '../src/core/lambda-defaults.ts';

/** Pipeline properties with a range. Without this check, a value outside it would fail only during deployment. */
export const WORKER_RANGES = {
  workerMemory: LAMBDA_RANGES.workerMegabytes,
  workerStorage: LAMBDA_RANGES.workerStorage,
  concurrency: LAMBDA_RANGES.concurrency,
  retryConcurrency: LAMBDA_RANGES.concurrency,
} as const;

type Numbers = { readonly [Name in keyof typeof WORKER_RANGES]?: number };

/** @throws Error that names the first property that is not a whole number in its range */
export function checkWorkerRanges(props: Numbers): void {
  for (const name of Object.keys(WORKER_RANGES) as (keyof typeof WORKER_RANGES)[]) {
    const { min, max } = WORKER_RANGES[name];
    const value = props[name];
    if (value === undefined || Token.isUnresolved(value)) continue;
    if (!Number.isInteger(value) || value < min || value > max)
      throw new Error(`${name}: expected a whole number from ${min} to ${max}, got ${value}`);
  }
}

import type { Conversion } from '../core/conversion.ts';
import { readConfig } from './config.ts';
import { createDeps } from './deps.ts';
import type { Handler } from './lambda-handler.ts';
import { createWorker } from './worker.ts';

export { ENV } from '../core/env.ts';
export type { Handler };

/**
 * Returns the Lambda handler that converts uploads, for functions deployed without our construct. It takes SQS batches
 * from both queues; the event source mappings must report batch item failures.
 * @param env the variables in `ENV`, as the construct sets them; by default, the process's environment
 * @param conversions the code of the recipe's own conversions, as `defineConfig` returns them
 * @throws Error with one line for each missing or invalid variable
 */
export function createWorkerHandler(
  env: Readonly<Record<string, string | undefined>> = process.env,
  conversions: readonly Conversion[] = [],
): Handler {
  return createWorker(createDeps(readConfig(env), conversions));
}

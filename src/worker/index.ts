import { readConfig } from './config.ts';
import { createDeps } from './deps.ts';
import type { Handler } from './lambda-handler.ts';
import { createWorker } from './worker.ts';

export { ENV } from '../core/env.ts';
export type { Handler };

/**
 * Returns the Lambda handler that converts uploads, for functions that are deployed without our construct. It takes
 * SQS batches of both queues; the event source mappings must report batch item failures.
 * @param env the variables of `ENV`, as the construct sets them; the process's own when left out
 * @throws Error with one line for each variable that is missing or wrong
 */
export function createWorkerHandler(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Handler {
  return createWorker(createDeps(readConfig(env)));
}

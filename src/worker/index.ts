import { readConfig } from './config.ts';
import { createDeps } from './deps.ts';
import { createWorker } from './worker.ts';

/** The Lambda function's entry. */
export const handler = createWorker(createDeps(readConfig(process.env)));

import { createWorkerHandler } from './index.ts';

/** The Lambda function's entry. */
export const handler = createWorkerHandler();

import { createWorkerHandler } from '../worker/index.ts';
import { conversionsIn } from './config-file.ts';

/** The worker's entry point on this machine, which loads the configuration file's conversions. */
const { env } = process;

export const handler = createWorkerHandler(env, await conversionsIn(env));

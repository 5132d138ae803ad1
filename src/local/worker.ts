import { ENV } from '../core/env.ts';
import { createWorkerHandler } from '../worker/index.ts';
import { loadConversions } from './config-file.ts';

/** The worker's entry point on this machine, which loads the configuration file's conversions. */
const file = process.env[ENV.config];
const conversions = file === undefined ? [] : (await loadConversions(file)).conversions;

export const handler = createWorkerHandler(process.env, conversions);

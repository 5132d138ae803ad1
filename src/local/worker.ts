import { ENV } from '../core/env.ts';
import { createWorkerHandler } from '../worker/index.ts';
import { loadConfig } from './config-file.ts';

/** The worker's entry on this machine: it loads the conversions of the configuration file by itself. */
const file = process.env[ENV.config];
const conversions = file === undefined ? [] : (await loadConfig(file)).conversions;

export const handler = createWorkerHandler(process.env, conversions);

import { createRequire } from 'node:module';
import { configOf } from '../core/config.ts';
import type { Conversion } from '../core/conversion.ts';
import { ENV } from '../core/env.ts';
import { createWorkerHandler } from './index.ts';

/** The Lambda function's entry. If the configuration has conversions, its bundle is a file beside this one. */
export const handler = createWorkerHandler(process.env, ownConversions(process.env[ENV.config]));

function ownConversions(file: string | undefined): readonly Conversion[] {
  if (file === undefined) return [];
  return configOf(createRequire(import.meta.url)(file) as { default?: unknown }).conversions;
}

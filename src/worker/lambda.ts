import { createRequire } from 'node:module';
import type { Conversion } from '../core/conversion.ts';
import { ENV } from '../core/env.ts';
import { conversionsIn, type ConfigModule } from './conversions-in.ts';
import { growHeap } from './heap-growth.ts';
import { createWorkerHandler } from './index.ts';

growHeap();

/** The Lambda function's entry. If the configuration has conversions, its bundle is a file beside this one. */
export const handler = createWorkerHandler(process.env, ownConversions(process.env[ENV.config]));

function ownConversions(file: string | undefined): readonly Conversion[] {
  return file === undefined ? [] : conversionsIn(createRequire(import.meta.url)(file) as ConfigModule);
}

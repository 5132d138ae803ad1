/** The worker, not minified, with a CPU profile of its main thread. */
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';
import type { Context, SQSEvent } from 'aws-lambda';

type Handler = (event: SQSEvent, context: Context) => Promise<object>;

/** A handler's answer, and the profile of the batch. */
export interface Profiled {
  profile: Profiler.Profile;
  /** The bundle's code, whose comments name the modules. */
  code: string;
}

const SAMPLE_MICROSECONDS = 200;

const file = join(__dirname, 'readable-worker.cjs');
const worker = createRequire(__filename)(file) as { handler: Handler };
const session = new Session();
session.connect();

export async function handler(event: SQSEvent, context: Context): Promise<object> {
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_MICROSECONDS });
  await session.post('Profiler.start');
  const answer = await worker.handler(event, context);
  const { profile } = await session.post('Profiler.stop');
  return { ...answer, profile, code: readFileSync(file, 'utf8') } satisfies Profiled;
}

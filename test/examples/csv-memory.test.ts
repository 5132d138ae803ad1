import { Readable } from 'node:stream';
import { Upload } from '@aws-sdk/lib-storage';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { loadConfig } from '../../src/local/config-file.ts';
import { accessLog } from '../support/access-log.ts';
import { needs } from '../support/needs.ts';
import { peakMemoryOfWorker } from '../support/peak-memory.ts';
import { read, startTestPipeline, untilQuiet, type TestPipeline } from '../support/pipeline.ts';
import { takesLong } from '../support/takes-long.ts';

takesLong();

const MEGABYTE = 1_000_000;
const CONFIG = 'examples/millrace.config.ts';
/** Limits the heap, because V8 collects garbage only when necessary. All rows, or the chunks of the file, do not fit. */
const BOUNDED = '--max-old-space-size=48 --max-semi-space-size=2';

let pipeline: TestPipeline;
beforeAll(async () => {
  vi.stubEnv('NODE_OPTIONS', BOUNDED);
  const { recipe } = await loadConfig(CONFIG);
  pipeline = await startTestPipeline({ recipe, configFile: CONFIG, concurrency: 1 });
});
afterAll(async () => {
  await pipeline.stop();
  vi.unstubAllEnvs();
});

it('converts a 200 MB CSV while the worker grows by less than 100 MB', needs('linux on x64'), async () => {
  const before = peakMemoryOfWorker();
  const params = { Bucket: 'uploads', Key: 'access.csv', Body: Readable.from(accessLog(200 * MEGABYTE)) };
  await new Upload({ client: pipeline.s3, params }).done();
  await untilQuiet(pipeline);
  const result = await read(pipeline.s3, 'results', 'access.csv');
  expect(Number(result?.metadata['rows'])).toBeGreaterThan(1_300_000);
  // Reading the source at once would take twice its size: its chunks, then the whole.
  expect(peakMemoryOfWorker() - before).toBeLessThan(100 * MEGABYTE);
});

import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, vi } from 'vitest';
import { defineConfig, type ConfigInput } from '../../src/core/config.ts';
import type { FailureReport } from '../../src/core/failure-report.ts';
import { dirtyMessage } from '../../src/core/notification.ts';
import { SETTINGS } from '../../src/core/settings.ts';
import { readConfig } from '../../src/worker/config.ts';
import { createDeps } from '../../src/worker/deps.ts';
import { createWorker } from '../../src/worker/worker.ts';
import { countMessages, read, readReport } from './pipeline.ts';
import { contextOf, recordOf, startBench, type Bench } from './worker.ts';

/** Duration of an invocation in milliseconds, enough for any conversion's time limit. */
const LONG_ENOUGH = 600_000;

/** An upload's outcome: a result per rendition, a report, or another attempt. */
export interface Converted {
  results: Awaited<ReturnType<typeof read>>[];
  report: FailureReport | undefined;
  /** Whether the upload is in the retry queue. */
  isRetried: boolean;
  /** Makes the last attempt instead of the retries. @returns the report, if it failed */
  lastAttempt(): Promise<FailureReport | undefined>;
}

/**
 * Returns a function that uploads a file to a local AWS and settles its message with a worker of this configuration.
 * Each call needs a new key.
 */
export function converting(): (
  config: ConfigInput,
  key: string,
  body: Uint8Array | string,
) => Promise<Converted> {
  let bench: Bench;
  beforeAll(async () => {
    vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT');
    vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true');
    bench = await startBench();
    for (const [name, value] of Object.entries(bench.env)) vi.stubEnv(name, value);
  });
  afterAll(async () => {
    await bench.stop();
    vi.unstubAllEnvs();
  });

  return async (config, key, body) => {
    const { recipe, conversions } = defineConfig(config);
    const env = { ...bench.env, MILLRACE_RECIPE: JSON.stringify(recipe) };
    const handler = createWorker({ ...createDeps(readConfig(env), conversions), random: () => 0 });
    const before = await countMessages(bench.sqs, bench.resources.retryQueue.url);
    await bench.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: key, Body: body }));
    await handler({ Records: bench.conversion.receive(10) }, contextOf(LONG_ENOUGH));
    const names = recipe.rules[0]?.renditions ?? [];
    const keys = names.length === 1 ? [key] : names.map((name) => `${name}/${key}`);
    return {
      results: await Promise.all(keys.map((each) => read(bench.s3, 'results', each))),
      report: await readReport(bench.s3, key),
      isRetried: (await countMessages(bench.sqs, bench.resources.retryQueue.url)) > before,
      async lastAttempt() {
        const message = dirtyMessage({ bucket: 'uploads', key });
        const record = recordOf(message, bench.resources.retryQueue.arn, SETTINGS.maxReceiveCount);
        await handler({ Records: [record] }, contextOf(LONG_ENOUGH));
        return readReport(bench.s3, key);
      },
    };
  };
}

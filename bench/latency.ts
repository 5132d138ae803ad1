import { setTimeout as delay } from 'node:timers/promises';
import { HeadObjectCommand, NotFound, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import sharp from 'sharp';
import { localClientConfig } from '@millrace/local-aws/client-config';
import { buildLocal } from '../scripts/build/build.ts';
import { DEFAULT_RECIPE } from '../src/core/recipe.ts';
import { BUCKETS } from '../src/local/resources.ts';
import { millraceStart } from '../test/support/command.ts';
import type { Benchmark } from './frame/benchmark.ts';
import { defaultResult } from './frame/default-result.ts';
import { inTurn, median, quantile } from './frame/statistics.ts';

/** Polling interval for the result. The measured latency is at most this much too long. */
const LOOK_MILLISECONDS = 2;

/** Measures an upload's latency in an idle pipeline. */
export const benchmark: Benchmark = {
  id: 'B16',
  workload: 'time from the end of a PUT to its result, a 1-megapixel photo, `start` without other work',
  baseline: 'bare sharp on the same photo; measured: additional milliseconds',
  async run(bench) {
    await buildLocal();
    sharp.concurrency(1);
    const rounds = bench.sized({ quick: 10, default: 200, full: 1000 });
    const [photo = Buffer.of()] = await bench.photos.megapixel(1);
    const pipeline = await millraceStart();
    const s3 = new S3Client({ ...localClientConfig(pipeline.awsUrl), forcePathStyle: true });
    let uploads = 0;
    try {
      const milliseconds = await inTurn(
        rounds,
        {
          sharp: () => timed(() => defaultResult(photo)),
          pipeline: async () => {
            uploads += 1;
            const Key = `${uploads}.jpg`;
            await s3.send(new PutObjectCommand({ Bucket: BUCKETS.uploads, Key, Body: photo }));
            return timed(() => existence(s3, Key));
          },
        },
        5,
      );
      bench.note(`sharp: median ${median(milliseconds.sharp).toFixed(0)} ms`);
      const more = (of: (values: readonly number[]) => number) =>
        of(milliseconds.pipeline) - of(milliseconds.sharp);
      return [
        { name: 'median', value: more(median), unit: 'ms', target: { atMost: 60 } },
        {
          name: `p99 of ${rounds}`,
          value: more((values) => quantile(values, 0.99)),
          unit: 'ms',
          target: { atMost: 150 },
        },
      ];
    } finally {
      s3.destroy();
      await pipeline.end('SIGTERM');
    }
  },
};

async function timed(run: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await run();
  return performance.now() - begun;
}

async function existence(s3: S3Client, Key: string): Promise<void> {
  const deadline = performance.now() + DEFAULT_RECIPE.limits.seconds * 1000;
  while (performance.now() < deadline) {
    try {
      await s3.send(new HeadObjectCommand({ Bucket: BUCKETS.results, Key }));
      return;
    } catch (error) {
      if (!(error instanceof NotFound)) throw error;
    }
    await delay(LOOK_MILLISECONDS);
  }
  throw new Error(`${Key} has no result`);
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startLocalAws } from '@millrace/local-aws';
import { localClientConfig } from '@millrace/local-aws/client-config';
import type { Benchmark } from './frame/benchmark.ts';
import { inTurn, median, ratioOf } from './frame/statistics.ts';

const UPLOADS = 400;
const BYTES = 100_000;
const LANES = 8;

const Body = Buffer.alloc(BYTES, 'x');

/** Returns uploads per second. */
async function rateOf(fsync: boolean): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const onError = (error: unknown) => process.stderr.write(`${String(error)}\n`);
  const aws = await startLocalAws({ port: 0, folder, keep: true, fsync, onError });
  const s3 = new S3Client({ ...localClientConfig(aws.url), forcePathStyle: true });
  try {
    await s3.send(new CreateBucketCommand({ Bucket: 'uploads' }));
    const begun = performance.now();
    let sent = 0;
    const lane = async () => {
      while (sent < UPLOADS) {
        sent += 1;
        await s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: `${sent}.jpg`, Body }));
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return UPLOADS / ((performance.now() - begun) / 1000);
  } finally {
    s3.destroy();
    await aws.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Compares uploads that survive a power cut with uploads that survive only SIGKILL. */
export const benchmark: Benchmark = {
  id: 'B18',
  workload: `100 kB uploads that survive a power cut (\`--fsync\`), ${LANES} at a time: rate`,
  baseline: 'the same without `--fsync`',
  async run(bench) {
    const rates = await inTurn(bench.sized({ quick: 1, default: 5, full: 15 }), {
      without: () => rateOf(false),
      with: () => rateOf(true),
    });
    bench.note(
      `uploads per second: ${median(rates.without).toFixed(0)} without, ${median(rates.with).toFixed(0)} with fsync`,
    );
    return [ratioOf(rates.with, rates.without)];
  },
};

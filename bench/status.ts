import { fileURLToPath } from 'node:url';
import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { localClientConfig } from '@millrace/local-aws/client-config';
import { buildLocal } from '../scripts/build/build.ts';
import { BUCKETS } from '../src/local/resources.ts';
import type { ManyKeys } from '../test/support/million-keys.ts';
import { startChild } from './batch/child.ts';
import type { Benchmark } from './frame/benchmark.ts';
import { runCommand } from './frame/command.ts';
import { inTurn, ratioOf } from './frame/statistics.ts';

const PROCESS = fileURLToPath(new URL('listings/process.ts', import.meta.url));
/** The exit code of `status`: some uploads in these listings are pending. */
const PENDING = 4;

export type Served = Pick<ManyKeys, 'url' | 'counts'>;

/** Measures `status` on large listings. */
export const benchmark: Benchmark = {
  id: 'B10',
  workload: '`status` with many keys, the whole process',
  baseline: 'only listing the three buckets, concurrently, with the SDK',
  async run(bench) {
    await buildLocal();
    const keys = bench.sized({ quick: 10_000, default: 300_000, full: 1_000_000 });
    const server = await startChild<Served>({ module: PROCESS, args: [String(keys)], env: {} });
    const { url, counts } = server.started;
    const s3 = new S3Client({ ...localClientConfig(url), forcePathStyle: true });
    try {
      const runs = await inTurn(bench.sized({ quick: 1, default: 3, full: 5 }), {
        status: async () => {
          const run = await runCommand(['status', '--endpoint', url, '--json'], PENDING);
          const { uploaded, converted } = JSON.parse(run.stdout) as Served['counts'];
          if (uploaded !== keys || converted !== counts.converted)
            throw new Error(`status counted ${uploaded} uploads and ${converted} results`);
          return run;
        },
        listings: async () => {
          const begun = performance.now();
          const [uploads] = await Promise.all(Object.values(BUCKETS).map((bucket) => countKeys(s3, bucket)));
          if (uploads !== keys) throw new Error(`expected ${keys} uploads in the listings, got ${uploads}`);
          return { seconds: (performance.now() - begun) / 1000, peakBytes: 0 };
        },
      });
      return [
        {
          name: `${keys} keys, time`,
          ...ratioOf(
            runs.status.map(({ seconds }) => seconds),
            runs.listings.map(({ seconds }) => seconds),
          ),
          target: { atMost: 1.15 },
        },
        {
          name: 'memory',
          value: Math.max(...runs.status.map(({ peakBytes }) => peakBytes)) / 1e6,
          unit: 'MB',
          target: { atMost: 150 },
        },
      ];
    } finally {
      s3.destroy();
      await server.stop();
    }
  },
};

async function countKeys(client: S3Client, Bucket: string): Promise<number> {
  let count = 0;
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket }))
    count += Contents.length;
  return count;
}

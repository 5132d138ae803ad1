import { Readable } from 'node:stream';
import { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { localClientConfig } from '@millrace/local-aws/client-config';
import { buildLocal } from '../scripts/build/build.ts';
import { loadConfig } from '../src/local/config-file.ts';
import { startPipeline } from '../src/local/pipeline.ts';
import { accessLog } from '../test/support/access-log.ts';
import { eventually } from '../test/support/eventually.ts';
import { peakMemoryOfWorker } from '../test/support/peak-memory.ts';
import { read, readReport } from '../test/support/pipeline.ts';
import type { Benchmark } from './frame/benchmark.ts';

const CONFIG = 'examples/millrace.config.ts';
const KEY = 'access.csv';

/** Measures the memory and time that the worker takes to convert a large CSV to Parquet. */
export const benchmark: Benchmark = {
  id: 'B20',
  workload: 'CSV to Parquet (`examples/csv-to-parquet.ts`), through the local pipeline',
  baseline: "the conversion's time limit, 90 s",
  async run(bench) {
    const size = bench.sized({ quick: 10_000_000, default: 200_000_000, full: 1_000_000_000 });
    await buildLocal();
    const { recipe } = await loadConfig(CONFIG);
    const pipeline = await startPipeline({
      port: 0,
      awsPort: 0,
      recipe,
      configFile: CONFIG,
      concurrency: 1,
      onNotice: bench.note,
    });
    const s3 = new S3Client({ ...localClientConfig(pipeline.awsUrl), forcePathStyle: true });
    try {
      const before = peakMemoryOfWorker();
      const Body = Readable.from(accessLog(size));
      await new Upload({ client: s3, params: { Bucket: 'uploads', Key: KEY, Body } }).done();
      const begun = performance.now();
      const result = await eventually(
        'the CSV is converted',
        async () => {
          const failure = await readReport(s3, KEY);
          if (failure?.status === 'failed') throw new Error(`${failure.code}: ${failure.message}`);
          return read(s3, 'results', KEY);
        },
        480,
      );
      const seconds = (performance.now() - begun) / 1000;
      bench.note(
        `${result.metadata['rows']} rows, ${megabytes(result.bytes.byteLength)} MB of Parquet, ${megabytes(before)} MB before`,
      );
      return [
        {
          name: `${megabytes(size)} MB, worker memory`,
          value: megabytes(peakMemoryOfWorker()),
          unit: 'MB',
          target: { atMost: 300 },
        },
        { name: 'time', value: seconds, unit: 's', target: { atMost: 90 } },
      ];
    } finally {
      s3.destroy();
      await pipeline.stop();
    }
  },
};

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}

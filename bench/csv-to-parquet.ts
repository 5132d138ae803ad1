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
import { report } from './report.ts';

/** B20: how much memory the worker needs to convert a CSV of 1 GB to Parquet, and how long it takes. */

const BYTES = 1_000_000_000;
const KEY = 'access.csv';

await buildLocal();
const configFile = 'examples/millrace.config.ts';
const { recipe } = await loadConfig(configFile);
const onNotice = (text: string) => void process.stderr.write(`${text}\n`);
const pipeline = await startPipeline({ port: 0, awsPort: 0, recipe, configFile, concurrency: 1, onNotice });
const s3 = new S3Client({ ...localClientConfig(pipeline.awsUrl), forcePathStyle: true });
try {
  const before = peakMemoryOfWorker();
  const Body = Readable.from(accessLog(BYTES));
  await new Upload({ client: s3, params: { Bucket: 'uploads', Key: KEY, Body } }).done();
  const begun = performance.now();
  const result = await eventually('the CSV is converted', async () => {
    const failure = await readReport(s3, KEY);
    if (failure?.status === 'failed') throw new Error(`${failure.code}: ${failure.message}`);
    return read(s3, 'results', KEY);
  });
  const seconds = (performance.now() - begun) / 1000;
  const peak = peakMemoryOfWorker();
  process.stdout.write(
    `${result.metadata['rows']} rows, ${megabytes(result.bytes.byteLength)} of Parquet, ${megabytes(before)} before\n`,
  );
  report({
    id: 'B20',
    workload: 'a CSV of 1 GB to Parquet (`examples/csv-to-parquet.ts`), through the local pipeline',
    against: 'the limit of a conversion, 90 s',
    target: '≤ 300 MB in the worker; ≤ 90 s',
    measured: `${megabytes(peak)} in the worker; ${seconds.toFixed(0)} s (Node ${process.versions.node})`,
  });
} finally {
  s3.destroy();
  await pipeline.stop();
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

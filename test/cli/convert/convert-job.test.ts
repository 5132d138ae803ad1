import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startLocalAws } from '@millrace/local-aws';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { runConvertJob, type ConvertJob, type FileOutcome } from '../../../src/cli/convert/convert-job.ts';
import { writeResultMetadata } from '../../../src/core/result-metadata.ts';
import { createTestFolder, type TestFolder } from '../../support/command-folder.ts';
import { eventually } from '../../support/eventually.ts';

let folder: TestFolder;
beforeEach(async () => {
  folder = await createTestFolder();
  await mkdir(folder.at('in'), { recursive: true });
});
afterEach(() => folder.remove());

const BUCKETS = { uploadBuckets: ['uploads'], resultBucket: 'results', failureBucket: 'failures' };

function jobOf(job: Pick<ConvertJob, 'objects'> & Partial<ConvertJob>): {
  job: ConvertJob;
  outcomes: FileOutcome[];
} {
  const outcomes: FileOutcome[] = [];
  return {
    outcomes,
    job: {
      buckets: BUCKETS,
      conversions: {
        expect: ({ key }) => Promise.resolve({ kind: 'converted', resultKeys: [key] }),
        forget: () => undefined,
        stop: () => Promise.resolve(),
      },
      from: folder.at('in'),
      results: {
        write: () => Promise.reject(new Error('EACCES')),
        storedAt: () => Promise.resolve(undefined),
      },
      paths: { of: (key) => [key] },
      window: 4,
      stop: new AbortController().signal,
      onOutcome: (outcome) => void outcomes.push(outcome),
      ...job,
    },
  };
}

it('a result that cannot be written and a file that cannot be read fail without leaving anything open', async () => {
  const aws = await startLocalAws();
  onTestFinished(aws.stop);
  const s3 = new S3Client({ ...aws.clientConfig, forcePathStyle: true });
  for (const Bucket of ['uploads', 'results']) await s3.send(new CreateBucketCommand({ Bucket }));
  const Metadata = writeResultMetadata({
    sourceEtag: 'e',
    rendition: 'web',
    recipe: 'r',
    generation: 0,
    stamp: 's',
  });
  await s3.send(new PutObjectCommand({ Bucket: 'results', Key: 'a', Body: 'result', Metadata }));
  s3.destroy();
  await writeFile(folder.at('in/a'), 'source');
  const { job, outcomes } = jobOf({ objects: aws.objects });
  await runConvertJob(['a', 'missing'], job);
  expect(outcomes.toSorted((one, other) => (one.key < other.key ? -1 : 1))).toMatchObject([
    { key: 'a', code: 'file.unwritable', message: 'EACCES' },
    { key: 'missing', code: 'file.unreadable', message: expect.stringContaining('ENOENT') },
  ]);
  // Deleted contents are removed once they are no longer open.
  const isEmpty = async () => (await readdir(join(aws.folder, 'blobs'))).length === 0;
  await eventually('all contents are removed', isEmpty, 5);
});

it('starts no other file after the pipeline has failed, and reports none of them as unreadable', async () => {
  const keys = Array.from({ length: 100 }, (_, index) => String(index));
  let stored = 0;
  const put = () => {
    stored += 1;
    return Promise.reject(new Error('the local AWS has stopped'));
  };
  const { job, outcomes } = jobOf({ objects: { put } as unknown as ConvertJob['objects'] });
  await expect(runConvertJob(keys, job)).rejects.toThrow('has stopped');
  expect(stored).toBeLessThanOrEqual(job.window);
  expect(outcomes).toEqual([]);
});

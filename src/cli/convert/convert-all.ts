import { setTimeout as delay } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { localClientConfig } from '@millrace/local-aws/client-config';
import { defined } from '../../core/defined.ts';
import { dirtyMessage } from '../../core/notification.ts';
import type { Recipe } from '../../core/recipe.ts';
import { resultNamesOf } from '../../core/rules.ts';
import { COMMAND_LIMITS, createSdkClient } from '../../core/sdk-client.ts';
import type { Files } from '../../local/files/files.ts';
import type { RunningConverter } from '../../local/running-pipeline.ts';
import type { Configuration } from '../configuration.ts';
import { startFailure } from '../start-failure.ts';
import { runConvertJob, type ConvertJob } from './convert-job.ts';
import { createExpectedFiles, type ExpectedFiles } from './expected-files.ts';
import { watchFailures } from './watch-failures.ts';

/** Files in the pipeline per worker process: one batch being converted, one waiting, and some in transit. */
const WINDOW_PER_WORKER = 32;
/** Time after Ctrl-C for files that are nearly done. The next run converts the others. */
const GRACE_MILLISECONDS = 1000;

interface Conversion extends Pick<ConvertJob, 'results' | 'paths' | 'stop' | 'onOutcome'> {
  files: Files;
  onNotice(text: string): void;
}

/**
 * Converts files in a private pipeline until all are done or Ctrl-C is pressed; files still in progress a moment later
 * are abandoned.
 */
export async function convertAll(
  keys: readonly string[],
  configuration: Configuration,
  concurrency: number,
  { files, onOutcome, onNotice, stop, ...conversion }: Conversion,
): Promise<void> {
  // Only commands that start a local AWS import it.
  const { startPrivateConverter } = await import('../../local/private-converter.ts');
  const { configFile } = configuration;
  // Ignored files are already left out, and results are named when they are written to the folder.
  const recipe: Recipe = { ...configuration.recipe, ignore: [], resultName: '{key}' };
  const expected = createExpectedFiles(resultNamesOf(recipe));
  let forgotten = false;
  const pipeline = await startPrivateConverter({
    recipe,
    concurrency,
    ...defined({ configFile }),
    files: { ...files, onEvent: expected.onFileEvent },
    onNotice: (text) => forgotten || onNotice(text),
  }).catch(startFailure);
  const forget = new Promise<void>((resolve) => {
    // Interrupted while the pipeline started: nothing is in progress.
    if (stop.aborted) resolve();
    stop.addEventListener('abort', () => setTimeout(resolve, GRACE_MILLISECONDS), { once: true });
  }).then(() => void (forgotten = true));
  try {
    const job = runJob(pipeline, keys, expected, {
      ...conversion,
      window: WINDOW_PER_WORKER * concurrency,
      stop,
      // Files that fail later fail because the pipeline was killed.
      onOutcome: (outcome) => void ((forgotten && outcome.type === 'failed') || onOutcome(outcome)),
    });
    job.catch(() => undefined);
    await Promise.race([job, pipeline.failed, forget]);
    if (!forgotten) return;
    await pipeline.kill();
    // Results that were being written are either complete and counted, or gone.
    await Promise.race([job, delay(GRACE_MILLISECONDS, undefined, { ref: false })]).catch(() => undefined);
  } finally {
    await pipeline.stop();
  }
}

async function runJob(
  pipeline: RunningConverter,
  keys: readonly string[],
  files: ExpectedFiles,
  job: Pick<ConvertJob, 'results' | 'paths' | 'window' | 'stop' | 'onOutcome'>,
): Promise<void> {
  const { buckets, completions, queues } = pipeline;
  if (completions === undefined) throw new Error('this pipeline has no completion events');
  const client = localClientConfig(pipeline.awsUrl);
  const s3 = createSdkClient(S3Client, { ...client, forcePathStyle: true }, COMMAND_LIMITS);
  const sqs = createSdkClient(SQSClient, client, COMMAND_LIMITS);
  const stopWatching = watchFailures({
    s3,
    sqs,
    completions,
    buckets: {
      uploadBuckets: [buckets.uploads],
      resultBucket: buckets.results,
      failureBucket: buckets.failures,
    },
    deadLetterQueue: queues.deadLetter,
    files,
  });
  try {
    await runConvertJob(keys, {
      files,
      queue: (key) => pipeline.queue(dirtyMessage({ bucket: buckets.uploads, key })),
      ...job,
    });
  } finally {
    await stopWatching();
    s3.destroy();
    sqs.destroy();
  }
}

import { realpathSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative, resolve, sep } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { Command } from 'commander';
import { glob } from 'tinyglobby';
import { COMMAND_LIMITS, createSdkClient } from '../core/sdk-client.ts';
import type { Recipe } from '../core/recipe.ts';
import type { Pipeline } from '../local/pipeline.ts';
import { localClientConfig } from '../local/client-config.ts';
import { watchSettlements } from '../ops/settlements.ts';
import { readRecipe, wholeNumber } from './arguments.ts';
import { runConvertJob, type ConvertJob, type FileOutcome } from './convert-job.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { interruptible } from './interrupt.ts';
import { printJson } from './output.ts';
import { describeRate, showProgress } from './progress.ts';
import { startFailure } from './start-failure.ts';

interface Options {
  out: string;
  recipe?: string;
  concurrency?: number;
  json?: true;
}

const EXAMPLE = `
Example:
  $ millrace convert photos --out converted
  $ millrace convert photos --out converted --recipe three-sizes.json --json > report.jsonl`;

/** Files in the pipeline for each worker process: a batch in work, one in waiting, and some on their way. */
const WINDOW_PER_WORKER = 32;

/** `millrace convert`: every file below a folder through a private local pipeline. */
export function convertCommand(): Command {
  return new Command('convert')
    .description('convert every file below a folder, through a private pipeline on this machine')
    .argument('<dir>', 'folder with the sources')
    .requiredOption('--out <dir>', 'folder for the results, under the same relative paths')
    .option('--recipe <file>', 'what to make of each file (default: WebP within 1600 x 1600)')
    .option('--concurrency <n>', 'worker processes (default: one a core)', wholeNumber(1, 64))
    .option('--json', 'print one JSON line a file, then a summary line')
    .addHelpText('after', EXAMPLE)
    .action(run);
}

async function run(dir: string, options: Options): Promise<void> {
  const begun = performance.now();
  const from = folderOf(dir);
  const to = resolve(options.out);
  if (to === from)
    throw new CommandError(EXIT.wrongUsage, '--out must be another folder than the one to convert');
  const recipe = await readRecipe(options.recipe);
  const paths = await filesBelow(from, to);
  if (paths.length === 0) process.stderr.write(`no files below ${from}\n`);

  const stop = interruptible();
  const notices: string[] = [];
  const concurrency = options.concurrency ?? availableParallelism();
  const onNotice = (text: string) => void notices.push(text);
  // The local AWS is imported only by who starts one.
  const { startPipeline } = await import('../local/pipeline.ts');
  const pipeline = await startPipeline({ port: 0, awsPort: 0, recipe, concurrency, onNotice }).catch(
    startFailure,
  );
  const progress = { total: paths.length, converted: 0, failed: 0 };
  const hideProgress = showProgress(() => {
    const { total, converted, failed } = progress;
    const failures = failed === 0 ? '' : ` · ${failed} failed`;
    return describeRate(converted + failed, total, (performance.now() - begun) / 1000) + failures;
  });
  const failures: FileOutcome[] = [];
  try {
    const job = {
      from,
      to,
      window: WINDOW_PER_WORKER * concurrency,
      stop,
      onOutcome(outcome: FileOutcome) {
        progress[outcome.type] += 1;
        if (options.json) printJson(outcome);
        else if (outcome.type === 'failed') failures.push(outcome);
      },
    };
    await Promise.race([convertAll(pipeline, recipe, paths, job), pipeline.failed]);
  } finally {
    hideProgress();
    await pipeline.stop();
    for (const text of notices) process.stderr.write(`${text}\n`);
  }

  const { converted, failed, total: uploaded } = progress;
  const pending = uploaded - converted - failed;
  const seconds = Math.round((performance.now() - begun) / 10) / 100;
  if (options.json) {
    printJson({ type: 'summary', uploaded, converted, failed, pending, seconds });
  } else {
    for (const failure of failures) {
      if (failure.type === 'failed')
        process.stdout.write(`failed  ${failure.key}  ${failure.code}  ${failure.message}\n`);
    }
    process.stdout.write(
      `${converted} converted, ${failed} failed, of ${uploaded} in ${seconds} s; results in ${to}\n`,
    );
  }
  if (pending > 0)
    throw new CommandError(EXIT.interrupted, `interrupted; ${pending} files are not converted`);
  if (failed > 0) process.exitCode = EXIT.someFailed;
}

async function convertAll(
  pipeline: Pipeline,
  recipe: Recipe,
  paths: readonly string[],
  job: Pick<ConvertJob, 'from' | 'to' | 'window' | 'stop' | 'onOutcome'>,
): Promise<void> {
  const s3 = createSdkClient(
    S3Client,
    {
      ...localClientConfig(pipeline.awsUrl),
      forcePathStyle: true,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    },
    COMMAND_LIMITS,
  );
  const sqs = createSdkClient(SQSClient, localClientConfig(pipeline.awsUrl), COMMAND_LIMITS);
  const buckets = {
    uploadBuckets: [pipeline.buckets.uploads],
    resultBucket: pipeline.buckets.results,
    failureBucket: pipeline.buckets.failures,
  };
  const deadLetterQueueUrl = pipeline.queues.deadLetter;
  const settlements = await watchSettlements({ s3, sqs, buckets, deadLetterQueueUrl, recipe });
  try {
    await runConvertJob(paths, { s3, buckets, settlements, ...job });
  } finally {
    await settlements.stop();
    s3.destroy();
    sqs.destroy();
  }
}

function folderOf(dir: string): string {
  const stats = statSync(dir, { throwIfNoEntry: false });
  if (stats === undefined) throw new CommandError(EXIT.wrongUsage, `there is no folder ${dir}`);
  if (!stats.isDirectory()) throw new CommandError(EXIT.wrongUsage, `${dir} is not a folder`);
  return realpathSync(dir);
}

/** All files below a folder but those of the results, should that folder lie inside. Links are not followed. */
async function filesBelow(from: string, to: string): Promise<string[]> {
  // `**` alone would leave out names with a line break.
  const paths = await glob('**/*', {
    cwd: from,
    dot: true,
    onlyFiles: true,
    followSymbolicLinks: false,
    expandDirectories: false,
  });
  const results = relative(from, to);
  return results.startsWith('..') ? paths : paths.filter((path) => !path.startsWith(`${results}${sep}`));
}

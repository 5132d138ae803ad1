import { Command } from 'commander';
import { LITTER } from '../../core/ignored.ts';
import {
  findFiles,
  UnusablePath,
  withoutIgnored,
  type FoundFiles,
  type LocalFile,
} from '../../ops/upload/find-files.ts';
import { absentFiles } from '../../ops/upload/upload-files.ts';
import { findApi } from '../api/access.ts';
import { wholeNumber } from '../arguments.ts';
import { connected, withConnection } from '../connection.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { printable, quantity } from '../format.ts';
import { hintIgnored } from '../hint-ignored.ts';
import { hint, print, printJson } from '../output.ts';
import { bucketOf, runUpload, type UploadCommandOptions } from './run-upload.ts';
import { runApiUpload } from './api-upload.ts';

const EXAMPLE = `
Example:
  $ millrace upload photos --prefix 2026/ --wait
  $ millrace upload photos --prefix 2026/ --skip-existing   # goes on after an interruption
  $ millrace upload photos --api --wait                     # without credentials of S3
  $ millrace upload 'scans/**/*.tif' --exclude '**/draft-*' --dry-run`;

const patterns = (pattern: string, before: string[]) => [...before, pattern];

/** `millrace upload`: many files into the upload bucket. */
export function uploadCommand(): Command {
  return withConnection(new Command('upload'))
    .description('upload files, folders and patterns, and follow what becomes of them')
    .argument('<path...>', 'files, folders, or patterns such as "photos/**/*.jpg"')
    .option('--prefix <prefix>', 'put before each key as it is', '')
    .option('--bucket <name>', 'which upload bucket (default: the first)')
    .option('--concurrency <n>', 'files at the same time', wholeNumber(1, 256), 32)
    .option('--include <pattern>', 'only files below a folder that match; may be repeated', patterns, [])
    .option('--exclude <pattern>', 'no files that match; may be repeated', patterns, [])
    .option(
      '--api [url]',
      'by the HTTP interface alone, as one batch: of the pipeline, or at this address ($MILLRACE_TOKEN is its token)',
    )
    .option('--follow-links', 'follow symbolic links (default: skip each, with a notice)')
    .option('--skip-existing', 'leave out what is there already with the same size and checksum')
    .option('--dry-run', 'only say what would be uploaded')
    .option('--wait', 'follow until every object is converted or has failed, or is ignored')
    .option('--timeout <seconds>', 'wait so long at the most', wholeNumber(1, 1_000_000))
    .option('--json', 'print one JSON line a file, then a summary line')
    .addHelpText('after', EXAMPLE)
    .action(run);
}

async function run(paths: string[], options: UploadCommandOptions): Promise<void> {
  if (options.timeout !== undefined && !options.wait)
    throw new CommandError(EXIT.wrongUsage, '--timeout limits the wait: add --wait');
  const { files, skipped } = await filesOf(paths, options);
  if (options.api !== undefined && options.skipExisting)
    throw new CommandError(EXIT.wrongUsage, '--skip-existing compares with S3, which --api does without');
  for (const { path, reason } of skipped) hint(printable(`skipped ${path}: ${reason}`));
  if (skipped.length > 0) process.exitCode = EXIT.someFailed;
  const isNothing = (number: number) => number + skipped.length === 0;
  const nothing = `no file in ${paths.join(', ')} matches: nothing to upload`;
  if (isNothing(files.length)) throw new CommandError(EXIT.wrongUsage, nothing);

  function meant(ignore: readonly string[]): LocalFile[] {
    const { files: others, ignored } = withoutIgnored(files, ignore);
    hintIgnored(ignored, ignore);
    if (isNothing(others.length)) throw new CommandError(EXIT.wrongUsage, nothing);
    return others;
  }

  // Without a pipeline there is no recipe to ask.
  if (options.dryRun && !options.skipExisting) return showPlan(meant(LITTER), options.json);
  if (options.api !== undefined) {
    const { url, ignore } = await findApi(options.api, options);
    return runApiUpload(meant(ignore), url, options);
  }
  await connected(options, async (pipeline) => {
    const others = meant(pipeline.deployment.ignore);
    if (!options.dryRun) return runUpload(pipeline, others, options);
    const { concurrency } = options;
    const bucket = bucketOf(pipeline, options.bucket);
    showPlan(await absentFiles(others, { s3: pipeline.s3, bucket, concurrency }), options.json);
  });
}

async function filesOf(paths: string[], options: UploadCommandOptions): Promise<FoundFiles> {
  try {
    return await findFiles(paths, options);
  } catch (error) {
    if (error instanceof UnusablePath)
      throw new CommandError(EXIT.wrongUsage, error.message, { cause: error });
    throw error;
  }
}

function showPlan(files: readonly LocalFile[], json: true | undefined): void {
  for (const { key, path } of files) {
    if (json) printJson({ type: 'planned', key, path });
    else print(printable(`${path} -> ${key}`));
  }
  if (json) printJson({ type: 'summary', planned: files.length });
  else hint(`${quantity(files.length, 'file')} would be uploaded`);
}

import { Command } from 'commander';
import { DEFAULT_IGNORED } from '../../core/ignored.ts';
import { findFiles, UnusablePath, withoutIgnored, type FoundFiles, type LocalFile } from './find-files.ts';
import { missingFiles } from './upload-files.ts';
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
  $ millrace upload photos --prefix 2026/ --skip-existing   # continues after an interruption
  $ millrace upload photos --api --wait                     # without S3 credentials
  $ millrace upload 'scans/**/*.tif' --exclude '**/draft-*' --dry-run`;

const patterns = (pattern: string, before: string[]) => [...before, pattern];

/** `millrace upload`: uploads files to the upload bucket. */
export function uploadCommand(): Command {
  return withConnection(new Command('upload'))
    .description('upload files, folders and patterns, and follow their conversion')
    .argument('<path...>', 'files, folders, or patterns such as "photos/**/*.jpg"')
    .option('--prefix <prefix>', 'prepended to each key, unchanged', '')
    .option('--bucket <name>', 'upload bucket (default: the first)')
    .option('--concurrency <n>', 'files to upload at the same time', wholeNumber(1, 256), 32)
    .option(
      '--include <pattern>',
      'in folders, upload only files that match this pattern; repeatable',
      patterns,
      [],
    )
    .option('--exclude <pattern>', 'skip files that match this pattern; repeatable', patterns, [])
    .option(
      '--api [url]',
      "use only the HTTP API, as one batch: the pipeline's, or the API at this URL with the token in $MILLRACE_TOKEN",
    )
    .option('--follow-links', 'follow symbolic links (default: skip each, with a notice)')
    .option('--skip-existing', 'skip files that are already uploaded, by size and checksum')
    .option('--dry-run', 'only show what would be uploaded')
    .option('--wait', 'wait until every object is converted, failed, ignored or deleted')
    .option(
      '--timeout <seconds>',
      'stop waiting this many seconds after the last upload',
      wholeNumber(1, 1_000_000),
    )
    .option('--json', 'print one JSON line per file, then a summary line')
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

  // Without a pipeline, the recipe is not known.
  if (options.dryRun && !options.skipExisting) return showPlan(meant(DEFAULT_IGNORED), options.json);
  if (options.api !== undefined) {
    const { url, ignore } = await findApi(options.api, options);
    return runApiUpload(meant(ignore), url, options);
  }
  await connected(options, async (pipeline) => {
    const others = meant(pipeline.deployment.ignore);
    if (!options.dryRun) return runUpload(pipeline, others, options);
    const { concurrency } = options;
    const bucket = bucketOf(pipeline, options.bucket);
    showPlan(await missingFiles(others, { s3: pipeline.s3, bucket, concurrency }), options.json);
  });
}

async function filesOf(paths: string[], options: UploadCommandOptions): Promise<FoundFiles> {
  try {
    return await findFiles(paths, options);
  } catch (error) {
    if (error instanceof UnusablePath)
      throw new CommandError(EXIT.wrongUsage, printable(error.message), { cause: error });
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

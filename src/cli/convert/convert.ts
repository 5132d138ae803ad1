import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { wholeNumber } from '../arguments.ts';
import { configurationOptions } from '../configuration-options.ts';
import { readConfiguration, type Configuration, type ConfigurationOptions } from '../configuration.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { count, printable, quantity } from '../format.ts';
import { hintIgnored } from '../hint-ignored.ts';
import { interruptible } from '../interrupt.ts';
import { print, printJson } from '../output.ts';
import { describeRate, showProgress } from '../progress.ts';
import { convertAll } from './convert-all.ts';
import type { FileOutcome } from './convert-job.ts';
import { hintKept } from './hint-kept.ts';
import { prepareFolders, type Folders } from './folders.ts';
import { planConversion } from './plan.ts';
import { createResultFolder } from './result-folder.ts';
import { beginRun, removeStaleDrafts } from './run-mark.ts';

interface Options extends ConfigurationOptions {
  out: string;
  concurrency?: number;
  skipExisting?: true;
  followLinks?: true;
  json?: true;
}

const EXAMPLE = `
Example:
  $ millrace convert photos --out converted
  $ millrace convert photos --out converted --skip-existing   # continues after an interruption
  $ millrace convert photos --out converted --recipe three-sizes.json --json > report.jsonl`;

/** `millrace convert`: converts every file in a folder through a private local pipeline. */
export function convertCommand(): Command {
  const [recipe, config] = configurationOptions('file');
  return new Command('convert')
    .description('convert every file in a folder, recursively, through a private pipeline on this machine')
    .argument('<dir>', 'folder with the sources')
    .requiredOption('--out <dir>', 'folder for the results: a/boat.jpg becomes a/boat.webp')
    .addOption(recipe)
    .addOption(config)
    .option('--concurrency <n>', 'worker processes (default: one per core)', wholeNumber(1, 64))
    .option('--skip-existing', 'skip files whose results exist and are not older than the file')
    .option('--follow-links', 'follow symbolic links (default: report each as failed)')
    .option('--json', 'print one JSON line per file, then a summary line')
    .addHelpText('after', EXAMPLE)
    .action(run);
}

async function run(dir: string, options: Options): Promise<void> {
  const begun = performance.now();
  const stop = interruptible();
  const configuration = await readConfiguration(options);
  const folders = await prepareFolders(dir, options.out);
  await removeStaleDrafts(folders.to);
  const mark = await beginRun(folders.to);
  try {
    await convertFolder({ dir, folders, configuration, run: mark.id, begun, stop }, options);
  } finally {
    await mark.end();
  }
}

interface Work {
  dir: string;
  folders: Folders;
  configuration: Configuration;
  /** This run's id. */
  run: string;
  /** When it began, by `performance.now()`. */
  begun: number;
  stop: AbortSignal;
}

async function convertFolder(
  { dir, folders, configuration, run: id, begun, stop }: Work,
  options: Options,
): Promise<void> {
  const { recipe } = configuration;
  const results = createResultFolder(folders.to, id);
  const plan = await planConversion(folders, results, recipe, {
    followLinks: options.followLinks === true,
    skipExisting: options.skipExisting === true,
    stop,
  });
  hintIgnored(plan.ignored, recipe.ignore);
  hintKept(plan.paths.kept);
  const total = plan.keys.length + plan.failed.length;
  if (total + plan.skipped === 0 && plan.complete)
    throw new CommandError(EXIT.wrongUsage, `there are no files in ${dir}: nothing to convert`);

  const progress = { converted: 0, failed: 0 };
  const onOutcome = (outcome: FileOutcome) => {
    progress[outcome.type] += 1;
    if (options.json) printJson(outcome);
    else if (outcome.type === 'failed')
      print(`failed  ${[outcome.key, outcome.code, outcome.message].map(printable).join('  ')}`);
  };
  const hideProgress = showProgress(() => {
    const { converted, failed } = progress;
    const failures = failed === 0 ? '' : ` · ${failed} failed`;
    return describeRate(converted + failed, total, (performance.now() - begun) / 1000) + failures;
  });
  const notices: string[] = [];
  try {
    for (const failure of plan.failed) onOutcome(failure);
    if (plan.keys.length > 0 && plan.complete)
      await convertAll(
        plan.keys,
        configuration,
        Math.min(options.concurrency ?? availableParallelism(), plan.keys.length),
        {
          files: { from: folders.from, drafts: results.drafts },
          results,
          paths: plan.paths,
          stop,
          onOutcome,
          onNotice: (text) => void notices.push(text),
        },
      );
  } finally {
    hideProgress();
    for (const text of notices) process.stderr.write(`${text}\n`);
  }
  const seconds = Math.round((performance.now() - begun) / 10) / 100;
  conclude(
    { ...progress, total, skipped: plan.skipped, complete: plan.complete, seconds },
    folders.to,
    options,
  );
}

interface Tally {
  total: number;
  converted: number;
  failed: number;
  skipped: number;
  /** Whether all files were found. */
  complete: boolean;
  seconds: number;
}

/** Prints the summary and decides the exit code. */
function conclude(tally: Tally, to: string, options: Options): void {
  const { total, converted, failed, skipped, complete, seconds } = tally;
  const pending = total - converted - failed;
  const skippedToo = options.skipExisting ? { skipped } : {};
  if (options.json)
    printJson({ type: 'summary', uploaded: total, converted, failed, pending, ...skippedToo, seconds });
  else {
    const skips = options.skipExisting ? `, ${count(skipped)} skipped` : '';
    print(
      `${converted} converted, ${failed} failed, of ${total}${skips} in ${seconds} s; results in ${printable(to)}`,
    );
  }
  if (!complete) throw new CommandError(EXIT.interrupted, 'interrupted while looking for files');
  if (pending > 0)
    throw new CommandError(
      EXIT.interrupted,
      `interrupted with ${quantity(pending, 'file')} not converted; run the command again with --skip-existing to continue`,
    );
  if (failed > 0) process.exitCode = EXIT.someFailed;
}

import { Command, Option } from 'commander';
import { findBackfill, hasUploads, runBackfill, type BackfillChoice } from '../ops/backfill.ts';
import { maxRenditions } from '../core/result-keys.ts';
import { defined } from '../core/defined.ts';
import { wholeNumber } from './arguments.ts';
import { photoCost } from './estimate/photo-cost.ts';
import { connected, withConnection, type Connection, type ConnectionOptions } from './connection.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { quantity } from './format.ts';
import { limitHeapGrowth } from './heap-growth.ts';
import { hintListings } from './hint-listings.ts';
import { interruptible } from './interrupt.ts';
import { noUploads } from './no-uploads.ts';
import { FORMER, ORPHANS } from './orphans/found.ts';
import { deleteFound } from './orphans/remove.ts';
import { agree, hint, print, printJson } from './output.ts';
import { describeCount, describeRate, showProgress } from './progress.ts';

const EXAMPLE = `
Example:
  $ millrace backfill 2025/ --dry-run
  $ millrace backfill 2025/ --by-listing --yes      # fast, but misses deleted versions
  $ millrace backfill 2025/ --stale --rate 100 --yes # after the recipe changed
  $ millrace backfill 2025/ --orphans --export gone.jsonl --yes # delete results of deleted uploads`;

interface Options extends ConnectionOptions {
  byListing?: true;
  stale?: true;
  failed?: true;
  rate?: number;
  orphans?: true;
  former?: true;
  export?: string;
  dryRun?: true;
  yes?: true;
  json?: true;
}

/** `millrace backfill`: queues uploads that have no current result, such as uploads older than the pipeline. */
export function backfillCommand(): Command {
  return withConnection(new Command('backfill'))
    .description(
      'queue uploads that have no current result; checks each object, unless --by-listing is given',
    )
    .argument('<prefix>', 'key prefix; "" for all keys')
    .option(
      '--by-listing',
      'compare keys and dates only: fast, but misses uploads whose newest version was deleted',
    )
    .option('--stale', 'also queue uploads whose result was made under an older recipe')
    .option('--failed', 'also queue uploads that failed')
    .option('--rate <n>', 'messages per second', wholeNumber(1, 10_000))
    .addOption(
      new Option(
        '--orphans',
        'delete results and failure reports whose upload was deleted, instead of queueing uploads',
      ).conflicts(['byListing', 'stale', 'failed', 'rate']),
    )
    .addOption(
      new Option(
        '--former',
        'delete results under names that only former rules used, instead of queueing uploads',
      ).conflicts(['byListing', 'stale', 'failed', 'rate', 'orphans']),
    )
    .option(
      '--export <file>',
      'with --orphans or --former: write a line about each object to this new file first',
    )
    .option('--dry-run', 'only show the number of objects and the estimated cost')
    .option(
      '--yes',
      'do not count first or ask for confirmation: check each upload only once. Required to delete with --orphans or --former',
    )
    .option('--json', 'print a summary as a JSON line')
    .addHelpText('after', EXAMPLE)
    .action(run);
}

async function run(prefix: string, options: Options): Promise<void> {
  limitHeapGrowth();
  if (options.orphans) return deleteFound(prefix, ORPHANS, options);
  if (options.former) return deleteFound(prefix, FORMER, options);
  if (options.export !== undefined)
    throw new CommandError(EXIT.wrongUsage, '--export is for what is deleted: add --orphans or --former');
  const choice = choiceOf(prefix, options);
  const { basis } = choice;
  await connected(options, async (pipeline) => {
    if (basis === 'listings' && !options.json) hintListings('without --by-listing, each object is checked');
    // Without a confirmation, there is no need to count first: each upload is checked once.
    if (options.yes && !options.dryRun) return queue(pipeline, choice, undefined, options);
    const found = await countUploads(pipeline, choice);
    const dollars = dollarsFor(pipeline, found);
    const cost = pipeline.localUrl === undefined ? `, for about $${dollars.toFixed(2)} (docs/deploy.md)` : '';
    if (options.dryRun || found === 0) {
      if (options.json) printJson({ type: 'summary', basis, found, queued: 0, dollars });
      else print(`${quantity(found, 'upload')} would be queued${cost}`);
      if (found === 0) await expectUploads(pipeline, prefix);
      return;
    }
    hint(`${quantity(found, 'upload')} to queue${cost}`);
    await agree(`Queue ${quantity(found, 'upload')}${cost}?`, options.yes);
    await queue(pipeline, choice, found, options);
  });
}

/** @throws CommandError for options that contradict each other */
function choiceOf(prefix: string, { byListing, stale, failed }: Options): BackfillChoice {
  if (byListing && stale)
    throw new CommandError(
      EXIT.wrongUsage,
      '--by-listing and --stale exclude each other: listings do not show which recipe made a result',
    );
  return {
    prefix,
    basis: byListing ? 'listings' : 'objects',
    stale: stale === true,
    failed: failed === true,
  };
}

async function countUploads(pipeline: Connection, choice: BackfillChoice): Promise<number> {
  let found = 0;
  for await (const _ of findBackfill(pipeline, choice)) found += 1;
  return found;
}

/**
 * Returns the dollars for this many conversions, each with the highest number of results. A local pipeline costs
 * nothing.
 */
function dollarsFor({ localUrl, deployment }: Connection, uploads: number): number {
  return localUrl === undefined ? photoCost(uploads, maxRenditions(deployment)) : 0;
}

/** @param found how many uploads there are, if they were counted */
async function queue(
  pipeline: Connection,
  choice: BackfillChoice,
  found: number | undefined,
  options: Options,
): Promise<void> {
  const stop = interruptible();
  const begun = performance.now();
  let queued = 0;
  const hide = showProgress(() => {
    const seconds = (performance.now() - begun) / 1000;
    return found === undefined ? describeCount(queued, seconds) : describeRate(queued, found, seconds);
  });
  try {
    await runBackfill(pipeline, findBackfill(pipeline, choice), stop, {
      ...defined({ rate: options.rate }),
      onQueued: (number) => void (queued = number),
    });
  } finally {
    hide();
  }
  const { basis } = choice;
  const dollars = dollarsFor(pipeline, found ?? queued);
  if (options.json) printJson({ type: 'summary', basis, found: found ?? queued, queued, dollars });
  else print(`${quantity(queued, 'upload')} queued; to see the progress: millrace status ${choice.prefix}`);
  if (stop.aborted) throw new CommandError(EXIT.interrupted, 'interrupted; the same command queues the rest');
  if (queued === 0) await expectUploads(pipeline, choice.prefix);
}

/** @throws CommandError if no upload has the prefix, which may be mistyped */
async function expectUploads(pipeline: Connection, prefix: string): Promise<void> {
  if (prefix !== '' && !(await hasUploads(pipeline, prefix))) throw noUploads(prefix);
}

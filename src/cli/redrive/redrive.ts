import { Command } from 'commander';
import { defined } from '../../core/defined.ts';
import { isUnfiltered } from '../../ops/dead-letters/filter.ts';
import type { DeadLetterGroup } from '../../ops/dead-letters/groups.ts';
import type { RedriveRecord } from '../../core/redrive-record.ts';
import { runRedrive } from '../../ops/redrive/run.ts';
import { connected, withConnection, type Connection } from '../connection.ts';
import { filterOf, requireMatch } from '../dead-letter-filter.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { count, printable, quantity, table } from '../format.ts';
import { interruptible } from '../interrupt.ts';
import { confirm, hint, isInteractive, print, printJson } from '../output.ts';
import { cancelCommand } from './cancel.ts';
import { handOver } from './hand-over.ts';
import { describeRequest, withRedriveOptions, type RedriveOptions } from './options.ts';
import { choose, type Choice } from './source.ts';
import { statusCommand } from './status.ts';
import { currentUser } from '../../ops/current-user.ts';

const EXAMPLE = `
Example:
  $ millrace redrive --code process.died                   # what would be moved
  $ millrace redrive --code process.died --canary 5 --rate 50 --wait --yes
  $ millrace redrive status`;

const DEFAULT_STOP_IF_FAILING = 0.2;

/** `millrace redrive`: sends dead letters through the pipeline again. */
export function redriveCommand(): Command {
  const command = withConnection(new Command('redrive').enablePositionalOptions());
  return withRedriveOptions(command)
    .description('send dead letters through the pipeline again; without --yes, show what would be moved')
    .addHelpText('after', EXAMPLE)
    .action(run)
    .addCommand(statusCommand())
    .addCommand(cancelCommand());
}

async function run(options: RedriveOptions): Promise<void> {
  if (options.timeout !== undefined && !options.wait)
    throw new CommandError(EXIT.wrongUsage, '--timeout limits the wait: add --wait');
  await connected(options, async (pipeline) => {
    const choice = await choose(pipeline, options);
    if (!options.yes) {
      const planned = showPlan(await choice.plan(), options);
      if (planned === 0) return requireMatch(0, options);
      if (!isInteractive() || options.json) return;
      if (!(await confirm(`Redrive ${quantity(planned, 'dead letter')}?`))) return hint('nothing was moved');
    }
    if (isWhole(options)) return handOver(pipeline, options);
    await moveAndFollow(pipeline, choice, options);
  });
}

/** Returns whether the request is for the whole queue and follows nothing, so that an SQS move task suffices. */
function isWhole(options: RedriveOptions): boolean {
  const { from, archived, canary, wait, stopIfFailing } = options;
  const plain = [from, archived, canary, wait, stopIfFailing].every((option) => option === undefined);
  return plain && isUnfiltered(filterOf(options));
}

function showPlan(groups: DeadLetterGroup[], { json }: RedriveOptions): number {
  const total = groups.reduce((sum, group) => sum + group.count, 0);
  if (json) {
    for (const group of groups) printJson({ type: 'plan', ...group });
    printJson({ type: 'summary', planned: total, moved: 0 });
    return total;
  }
  if (total === 0) {
    print('no dead letter would be moved');
    return 0;
  }
  const rows = groups.map(({ code, count: letters, retryCanHelp, sample }) => {
    return [code, count(letters), retryCanHelp ? 'can help' : 'fix the cause first', sample];
  });
  print(table(['CODE', 'COUNT', 'RETRY', 'SAMPLE'], rows));
  hint(`${quantity(total, 'dead letter')} would be moved to the retry queue; --yes moves them`);
  return total;
}

async function moveAndFollow(pipeline: Connection, choice: Choice, options: RedriveOptions): Promise<void> {
  const { canary, rate, timeout, wait = false, reason, json } = options;
  const stop = interruptible();
  const record = await runRedrive(
    pipeline,
    {
      source: choice.source,
      ...defined({ canary, rate, timeout }),
      stopIfFailing: options.stopIfFailing ?? DEFAULT_STOP_IF_FAILING,
      wait,
      who: currentUser(),
      why: reason,
      what: describeRequest(options),
    },
    stop,
    {
      onFollowed(followed) {
        const { kind, ...rest } = followed;
        if (json) printJson({ type: kind.replaceAll(' ', '-'), ...rest });
        else if (followed.kind === 'failed again')
          print(printable(`failed again  ${followed.key}  ${followed.code}  ${followed.message}`));
      },
      onCounts: (running) => hint(describeCounts(running)),
    },
  );
  if (json)
    printJson({
      type: 'summary',
      id: record.id,
      state: record.state,
      reason: record.reason,
      ...record.counts,
    });
  else print(`${describeCounts(record)} (${record.id})`);
  conclude(record, wait);
  requireMatch(record.counts.moved, options);
}

/** Ends the command according to the redrive's state. */
function conclude({ state, reason = state, counts }: RedriveRecord, wait: boolean): void {
  if (state === 'interrupted')
    throw new CommandError(EXIT.interrupted, 'interrupted; messages not moved stay in their queue');
  if (state !== 'done')
    throw new CommandError(EXIT.someFailed, `stopped: ${reason}; messages not moved stay in their queue`);
  if (wait && counts.pending > 0)
    throw new CommandError(
      EXIT.stillPending,
      `${quantity(counts.pending, 'object')} still pending when the wait ended`,
    );
  if (counts.failedAgain > 0) process.exitCode = EXIT.someFailed;
}

function describeCounts({ counts }: RedriveRecord): string {
  const { moved, converted, failedAgain, gone, pending } = counts;
  return [
    `${count(moved)} moved`,
    `${count(converted)} converted`,
    `${count(failedAgain)} failed again`,
    ...(gone === 0 ? [] : [`${count(gone)} gone`]),
    `${count(pending)} pending`,
  ].join(', ');
}

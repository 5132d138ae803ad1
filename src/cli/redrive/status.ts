import { Command } from 'commander';
import { listMoveTasks } from '../../ops/redrive/move-task.ts';
import type { RedriveRecord } from '../../core/redrive-record.ts';
import { listRecords } from '../../ops/redrive/record.ts';
import { connected, withConnection, type ConnectionOptions } from '../connection.ts';
import { table } from '../format.ts';
import { print, printJson } from '../output.ts';

const EXAMPLE = `
Example:
  $ millrace redrive status`;
const SHOWN = 10;
const SILENCE_MILLISECONDS = 60_000;

/** `millrace redrive status`: lists the latest redrives, who started them and their outcomes. */
export function statusCommand(): Command {
  return withConnection(new Command('status'))
    .description('list recent redrives with their progress, and SQS move tasks')
    .option('--json', 'print one JSON line per redrive or move task')
    .addHelpText('after', EXAMPLE)
    .action(run);
}

async function run(options: ConnectionOptions & { json?: true }): Promise<void> {
  await connected(options, async (pipeline) => {
    const [records, tasks] = await Promise.all([listRecords(pipeline, SHOWN), listMoveTasks(pipeline)]);
    if (options.json) {
      for (const record of records) printJson({ type: 'redrive', ...record });
      for (const task of tasks) printJson({ type: 'move-task', ...task });
      return;
    }
    if (records.length + tasks.length === 0) return print('no redrive yet');
    const rows = records.map(({ state, startedAt, updatedAt, who, counts, what, why, reason }) => [
      startedAt,
      isSilent({ state, updatedAt }) ? `${state}, but no sign of life since ${updatedAt}` : state,
      `${counts.moved}`,
      `${counts.converted}`,
      `${counts.failedAgain}`,
      who,
      [what, why, reason].filter(Boolean).join('; '),
    ]);
    print(table(['STARTED', 'STATE', 'MOVED', 'CONVERTED', 'FAILED AGAIN', 'WHO', 'WHAT'], rows));
    for (const {
      Status,
      ApproximateNumberOfMessagesMoved: moved = 0,
      ApproximateNumberOfMessagesToMove: of = 0,
      FailureReason,
    } of tasks)
      print(
        `SQS move task: ${Status}, ${moved} of ${of} moved${FailureReason === undefined ? '' : `: ${FailureReason}`}`,
      );
  });
}

/** Returns whether a running redrive's process has died: it writes the record every few seconds. */
function isSilent({ state, updatedAt }: Pick<RedriveRecord, 'state' | 'updatedAt'>): boolean {
  return state === 'running' && Date.now() - Date.parse(updatedAt) > SILENCE_MILLISECONDS;
}

import { Command } from 'commander';
import { cancelMoveTasks } from '../../ops/redrive/move-task.ts';
import { listRecords, requestCancel } from '../../ops/redrive/record.ts';
import { connected, withConnection, type ConnectionOptions } from '../connection.ts';
import { quantity } from '../format.ts';
import { agree, hint, printJson } from '../output.ts';

const EXAMPLE = `
Example:
  $ millrace redrive cancel --yes`;
const RECORDS_CHECKED = 100;

/** `millrace redrive cancel`: stops all running redrives, wherever they were started. */
export function cancelCommand(): Command {
  return withConnection(new Command('cancel'))
    .description('stop running redrives; messages not yet moved stay in the dead-letter queue')
    .option('--yes', 'do not ask for confirmation')
    .option('--json', 'print a summary as a JSON line')
    .addHelpText('after', EXAMPLE)
    .action(run);
}

async function run(options: ConnectionOptions & { yes?: true; json?: true }): Promise<void> {
  await connected(options, async (pipeline) => {
    await agree('Cancel every redrive that is running?', options.yes);
    const running = (await listRecords(pipeline, RECORDS_CHECKED)).filter(({ state }) => state === 'running');
    const asked = await Promise.all(running.map(({ id }) => requestCancel(pipeline, id)));
    const cancelled = asked.filter(Boolean).length + (await cancelMoveTasks(pipeline));
    if (options.json) printJson({ type: 'summary', cancelled });
    else hint(cancelled === 0 ? 'no redrive is running' : `${quantity(cancelled, 'redrive')} asked to stop`);
  });
}

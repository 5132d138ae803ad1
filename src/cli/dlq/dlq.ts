import { Command } from 'commander';
import { groupByCode, retentionOf } from '../../ops/dead-letters/groups.ts';
import { listDeadLetters } from '../../ops/dead-letters/list.ts';
import { connected, withConnection, type ConnectionOptions } from '../connection.ts';
import { count, duration, quantity, table } from '../format.ts';
import { hint, print, printJson } from '../output.ts';
import { archiveCommand } from './archive.ts';
import { exportCommand } from './export.ts';
import { purgeCommand } from './purge.ts';
import { showCommand } from './show.ts';

const EXAMPLE = `
Example:
  $ millrace dlq
  $ millrace dlq show photos/boat.jpg
  $ millrace dlq export dead-letters.jsonl`;

/** `millrace dlq`: lists dead letters by code, and whether a retry can help. */
export function dlqCommand(): Command {
  const command = withConnection(new Command('dlq').enablePositionalOptions())
    .description('list dead letters by code, without removing them from the queue')
    .option('--json', 'print one JSON line per group, then a summary line')
    .addHelpText('after', EXAMPLE)
    .action(run);
  for (const subcommand of [showCommand(), exportCommand(), purgeCommand(), archiveCommand()])
    command.addCommand(subcommand);
  return command;
}

async function run(options: ConnectionOptions & { json?: true }): Promise<void> {
  await connected(options, async (pipeline) => {
    const groups = await groupByCode(listDeadLetters(pipeline), await retentionOf(pipeline));
    const total = groups.reduce((sum, group) => sum + group.count, 0);
    if (options.json) {
      for (const group of groups) printJson({ type: 'group', ...group });
      printJson({ type: 'summary', deadLetters: total, codes: groups.length });
      return;
    }
    if (total === 0) return print('no dead letters');
    const now = Date.now();
    const since = (iso: string) => duration(Math.abs(Date.parse(iso) - now) / 1000);
    const rows = groups.map(({ code, count: letters, oldest, expires, sample, retryCanHelp }) => {
      const retry = retryCanHelp ? 'can help' : 'fix the cause first';
      return [code, count(letters), since(oldest), since(expires), retry, sample];
    });
    print(table(['CODE', 'COUNT', 'OLDEST', 'EXPIRES IN', 'RETRY', 'SAMPLE'], rows));
    hint(
      `\n${quantity(total, 'dead letter')}. To see everything about one: millrace dlq show KEY. What a code means: docs/runbook.md`,
    );
  });
}

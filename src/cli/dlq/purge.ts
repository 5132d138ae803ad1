import { Command } from 'commander';
import { describeFilter, isUnfiltered } from '../../ops/dead-letters/filter.ts';
import { purgeDeadLetters } from '../../ops/dead-letters/export.ts';
import { connected, withConnection, type ConnectionOptions } from '../connection.ts';
import { filterOf, requireMatch, withFilter, type FilterOptions } from '../dead-letter-filter.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { quantity } from '../format.ts';
import { interruptible } from '../interrupt.ts';
import { agree, hint, printJson } from '../output.ts';
import { fileFailure } from '../file-failure.ts';
import { requireAll } from './require-all.ts';

const EXAMPLE = `
Example:
  $ millrace dlq purge --code notification.malformed --export junk.jsonl --yes
  $ millrace redrive --from junk.jsonl --yes   # sends them through the pipeline again`;

type Options = ConnectionOptions & FilterOptions & { export: string; yes?: true; json?: true };

/** `millrace dlq purge`: deletes dead letters, each after its copy is on disk. */
export function purgeCommand(): Command {
  return withFilter(withConnection(new Command('purge')))
    .description('delete dead letters after saving a copy of each to disk')
    .requiredOption('--export <file>', 'a new file for the copies')
    .option('--yes', 'do not ask for confirmation')
    .option('--json', 'print a summary as a JSON line')
    .addHelpText('after', EXAMPLE)
    .action(run);
}

async function run(options: Options): Promise<void> {
  await connected(options, async (pipeline) => {
    await agree(
      `Delete ${describeFilter(filterOf(options))}, after a copy into ${options.export}?`,
      options.yes,
    );
    const stop = interruptible();
    const { taken, notDeleted, unseen } = await purgeDeadLetters(
      pipeline,
      filterOf(options),
      options.export,
      stop,
    ).catch(fileFailure(options.export));
    const deleted = taken - notDeleted;
    const file = taken > 0 ? { file: options.export } : {};
    if (options.json) printJson({ type: 'summary', deleted, notDeleted, unseen, ...file });
    else if (taken > 0) hint(`${quantity(deleted, 'dead letter')} deleted; copies in ${options.export}`);
    else if (unseen === 0 && isUnfiltered(filterOf(options))) hint('no dead letters; no file was written');
    if (stop.aborted)
      throw new CommandError(EXIT.interrupted, 'interrupted; what was not deleted is in the queue');
    requireAll({ notDeleted, unseen }, 'purge');
    requireMatch(taken, options);
  });
}

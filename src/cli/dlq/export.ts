import { Command } from 'commander';
import { isUnfiltered } from '../../ops/dead-letters/filter.ts';
import { exportDeadLetters } from '../../ops/dead-letters/export.ts';
import { connected, withConnection, type ConnectionOptions } from '../connection.ts';
import { filterOf, requireMatch, withFilter, type FilterOptions } from '../dead-letter-filter.ts';
import { quantity } from '../format.ts';
import { hint, printJson } from '../output.ts';
import { fileFailure } from '../file-failure.ts';

const EXAMPLE = `
Example:
  $ millrace dlq export corrupt.jsonl --code image.corrupt
  $ millrace redrive --from corrupt.jsonl --yes`;

/** `millrace dlq export`: copies dead letters to a file and leaves them in the queue. */
export function exportCommand(): Command {
  return withFilter(withConnection(new Command('export')))
    .description('copy dead letters to a file, one JSON line each, and leave them in the queue')
    .argument('<file>', 'a new file')
    .option('--json', 'print a summary as a JSON line')
    .addHelpText('after', EXAMPLE)
    .action(run);
}

async function run(
  file: string,
  options: ConnectionOptions & FilterOptions & { json?: true },
): Promise<void> {
  await connected(options, async (pipeline) => {
    const exported = await exportDeadLetters(pipeline, filterOf(options), file).catch(fileFailure(file));
    // Without dead letters, no file is written.
    if (options.json) printJson({ type: 'summary', exported, ...(exported > 0 ? { file } : {}) });
    else if (exported > 0) hint(`${quantity(exported, 'dead letter')} copied into ${file}`);
    else if (isUnfiltered(filterOf(options))) hint('no dead letters; no file was written');
    requireMatch(exported, options);
  });
}

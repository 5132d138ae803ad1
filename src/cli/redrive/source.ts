import { InvalidCopy } from '../../ops/dead-letters/copy.ts';
import { readCopyFile } from './copy-file.ts';
import type { DeadLetterCopy } from '../../ops/dead-letters/copy.ts';
import { matches } from '../../ops/dead-letters/filter.ts';
import { listDeadLetters } from '../../ops/dead-letters/list.ts';
import type { DeadLetterGroup } from '../../ops/dead-letters/groups.ts';
import { groupByCode, retentionOf } from '../../ops/dead-letters/groups.ts';
import { listArchive } from '../../ops/dead-letters/archive.ts';
import { fromArchive, fromCopies, fromQueue, type Source } from '../../ops/redrive/choose.ts';
import type { Connection } from '../connection.ts';
import { filterOf } from '../dead-letter-filter.ts';
import { fileFailure } from '../file-failure.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import type { RedriveOptions } from './options.ts';

/** What a redrive would move. */
export interface Choice {
  source: Source;
  /** Returns the current dead letters, grouped by code. */
  plan(): Promise<DeadLetterGroup[]>;
}

/** Returns what the options select. @throws CommandError if the file of `--from` is not an export, or is empty */
export async function choose(pipeline: Connection, options: RedriveOptions): Promise<Choice> {
  const { from, archived } = options;
  const filter = filterOf(options);
  if (from !== undefined && archived)
    throw new CommandError(EXIT.wrongUsage, 'name either --from or --archived');
  const retention = await retentionOf(pipeline);
  if (from !== undefined) {
    const all = await readCopies(from);
    if (all.length === 0) throw new CommandError(EXIT.someFailed, `${from} has no dead letters`);
    const copies = all.filter((copy) => matches(letterOf(copy), filter));
    return { source: fromCopies(pipeline, copies), plan: () => groupByCode(copies.map(letterOf), retention) };
  }
  async function* found() {
    const letters = archived ? archivedLetters(pipeline) : listDeadLetters(pipeline);
    for await (const letter of letters) if (matches(letter, filter)) yield letter;
  }
  const source = archived ? fromArchive(pipeline, filter) : fromQueue(pipeline, filter);
  return { source, plan: () => groupByCode(found(), retention) };
}

async function* archivedLetters(pipeline: Connection) {
  for await (const copy of listArchive(pipeline)) yield letterOf(copy);
}

function letterOf(copy: DeadLetterCopy) {
  return { ...copy, sentAt: new Date(copy.sentAt) };
}

async function readCopies(file: string): Promise<DeadLetterCopy[]> {
  try {
    return await readCopyFile(file).catch(fileFailure(file));
  } catch (error) {
    if (error instanceof InvalidCopy) throw new CommandError(EXIT.wrongUsage, `${file}: ${error.message}`);
    throw error;
  }
}

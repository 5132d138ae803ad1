import type { DeadLetter, DeadLetterFilter } from '../../contract/types.ts';
import { api } from './api.ts';
import { save } from './save.ts';

/** Lines to parse before the page can respond again. */
const LINES_AT_ONCE = 500;

export interface Exported {
  /** The file's name. */
  name: string;
  /** Message ids of its dead letters. */
  ids: string[];
  /** Whether it contains all requested dead letters. */
  complete: boolean;
}

/** The notice for an incomplete copy. */
export const NOT_ALL =
  'The queue holds more dead letters than fit in one copy: redrive or purge these, then make another.';

/**
 * Downloads a copy of dead letters, as JSON lines for `millrace redrive --from`.
 * @throws ApiError; Error if the copy is incomplete, in which case nothing is saved
 */
export async function exportLetters(filter: DeadLetterFilter): Promise<Exported> {
  const { lines, complete } = await api.export(filter);
  const ids = await readIds(lines);
  const time = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const name = `dead-letters-${(filter.code ?? 'all').replaceAll(/[^\w.-]/g, '_')}-${time}.jsonl`;
  if (ids.length > 0) save(new Blob([lines], { type: 'application/x-ndjson' }), name);
  return { name, ids, complete };
}

async function readIds(text: string): Promise<string[]> {
  const lines = text.split('\n').filter((line) => line !== '');
  const ids: string[] = [];
  for (const [index, line] of lines.entries()) {
    if (index % LINES_AT_ONCE === LINES_AT_ONCE - 1) await new Promise((resolve) => setTimeout(resolve));
    ids.push(idOf(line, index + 1));
  }
  return ids;
}

function idOf(line: string, number: number): string {
  try {
    const { id } = JSON.parse(line) as Partial<DeadLetter>;
    if (typeof id === 'string' && id !== '') return id;
  } catch {
    // Reported below.
  }
  throw new Error(
    `The copy is incomplete: line ${number} is not a dead letter. Nothing was saved; try again.`,
  );
}

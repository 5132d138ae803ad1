import pLimit from 'p-limit';

/** Entries that may wait for a lookup: a few pages, so that listing continues in the meantime. */
const WINDOW = 2000;
const LOOKUPS_AT_ONCE = 32;

/**
 * Yields known entries and looked-up entries in their order; a limited number of lookups run in parallel.
 * @param chunks of entries, or of functions that look up an entry and return undefined if it no longer exists
 */
export async function* lookUpInOrder<T extends object>(
  chunks: AsyncIterable<readonly (T | (() => Promise<T | undefined>))[]>,
): AsyncGenerator<T> {
  const limit = pLimit(LOOKUPS_AT_ONCE);
  let waiting: (T | Promise<T | undefined>)[] = [];
  const begin = (entry: T | (() => Promise<T | undefined>)) => {
    if (typeof entry !== 'function') return entry;
    const looking = limit(entry);
    // A failure is thrown when the entry's turn comes.
    looking.catch(() => undefined);
    return looking;
  };
  try {
    for await (const chunk of chunks) {
      waiting.push(...chunk.map(begin));
      const ready = waiting.findIndex((entry) => entry instanceof Promise);
      const due = Math.max(waiting.length - WINDOW, ready === -1 ? waiting.length : ready);
      const done = waiting.slice(0, due);
      waiting = waiting.slice(due);
      for (const each of done) {
        const entry = each instanceof Promise ? await each : each;
        if (entry !== undefined) yield entry;
      }
    }
    for (const each of waiting) {
      const entry = await each;
      if (entry !== undefined) yield entry;
    }
  } finally {
    limit.clearQueue();
  }
}

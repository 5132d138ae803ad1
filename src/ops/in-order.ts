import pLimit from 'p-limit';

/** Entries that may wait for one that is looked up: some pages' worth, so that listing goes on meanwhile. */
const WINDOW = 2000;
const LOOKUPS_AT_ONCE = 32;

/** Yields what is known at once and what must be looked up in their order; lookups run side by side, boundedly. */
export async function* inOrder<T extends object>(
  entries: AsyncIterable<T | (() => Promise<T>)>,
): AsyncGenerator<T> {
  const limit = pLimit(LOOKUPS_AT_ONCE);
  const waiting: (T | Promise<T>)[] = [];
  try {
    for await (const entry of entries) {
      if (typeof entry !== 'function') {
        if (waiting.length === 0) yield entry;
        else waiting.push(entry);
      } else {
        const looking = limit(entry);
        // Its failure is told when its turn comes.
        looking.catch(() => undefined);
        waiting.push(looking);
      }
      if (waiting.length < WINDOW) continue;
      for (const each of waiting.splice(0, WINDOW / 2)) yield await each;
    }
    for (const each of waiting) yield await each;
  } finally {
    limit.clearQueue();
  }
}

import type { Journal } from '../../src/journal.ts';

/** A journal that outlives its models, but not its process. Stores JSON values. */
export function memoryJournal(): Journal {
  const kept = new Map<string, string>();
  return {
    put: (key, value) => void kept.set(key, JSON.stringify(value)),
    del: (key) => void kept.delete(key),
    flush: () => Promise.resolve(),
    async *entries(prefix) {
      for (const key of [...kept.keys()].filter((each) => each.startsWith(prefix)).toSorted())
        yield [key, JSON.parse(kept.get(key) ?? 'null') as unknown];
    },
    close: () => Promise.resolve(),
  };
}

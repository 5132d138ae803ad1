import { ClassicLevel } from 'classic-level';

/**
 * Where the local models write what must outlive the process: one JSON value a key.
 * Changes of one synchronous turn reach the disk together or not at all, so a model that changes two entities
 * (an object and the notification of it) before it lets go of the thread needs no transaction of its own.
 */
export interface Journal {
  put(key: string, value: unknown): void;
  del(key: string): void;
  /** Resolves when all that was put or deleted so far survives SIGKILL of this process. */
  flush(): Promise<void>;
  /** All entries whose key begins with the prefix, in key order. */
  entries(prefix: string): AsyncIterable<[key: string, value: unknown]>;
  close(): Promise<void>;
}

/** Forgets everything: for pipelines that end with their process. */
export const noJournal: Journal = {
  put: () => undefined,
  del: () => undefined,
  flush: () => Promise.resolve(),
  async *entries() {
    // nothing was kept
  },
  close: () => Promise.resolve(),
};

type Change = { type: 'put'; key: string; value: unknown } | { type: 'del'; key: string };

/** Keeps the entries in a LevelDB at `folder`. Changes made while a write is under way go out together next. */
export async function openJournal(folder: string): Promise<Journal> {
  const db = new ClassicLevel<string, unknown>(folder, { valueEncoding: 'json' });
  await db.open();
  let pending: Change[] = [];
  let writing: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  function flush(): Promise<void> {
    if (pending.length === 0) return next ?? writing;
    next ??= writing.then(() => {
      const changes = pending;
      pending = [];
      next = undefined;
      writing = db.batch(changes);
      return writing;
    });
    return next;
  }

  return {
    put: (key, value) => void pending.push({ type: 'put', key, value }),
    del: (key) => void pending.push({ type: 'del', key }),
    flush,
    async *entries(prefix) {
      await flush();
      yield* db.iterator({ gte: prefix, lt: `${prefix}\u{10ffff}` });
    },
    async close() {
      await flush();
      await db.close();
    },
  };
}

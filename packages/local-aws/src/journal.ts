import { ClassicLevel, type IteratorOptions } from 'classic-level';
import { createContents, valueOf, type Entry } from './journal-contents.ts';

/**
 * Stores the models' persistent state: one JSON value per key. Changes in one synchronous turn reach the disk
 * together or not at all, so a model that changes two entities in one turn (an object and its notification) needs no
 * transaction.
 */
export interface Journal {
  put(key: string, value: unknown): void;
  del(key: string): void;
  /** Resolves when all changes so far survive SIGKILL of this process. */
  flush(): Promise<void>;
  /** Yields all entries whose key begins with the prefix, in key order. */
  entries(prefix: string): AsyncIterable<[key: string, value: unknown]>;
  close(): Promise<void>;
}

/** A journal that stores nothing, for servers that keep nothing. */
export const noJournal: Journal = {
  put: () => undefined,
  del: () => undefined,
  flush: () => Promise.resolve(),
  async *entries() {
    // nothing was kept
  },
  close: () => Promise.resolve(),
};

export interface JournalOptions {
  /** Whether each write survives a power cut, not only the end of this process. */
  fsync?: boolean;
  /** Called after each write, before `flush` resolves, with the number of that write. */
  onWritten?(writes: number): void;
  /** Called when a write fails. All later writes fail too, because the disk's state is unknown. */
  onFailure?(error: unknown): void;
}

/** A journal on disk, and its contents when it was opened. */
export interface OpenedJournal extends Journal {
  /** Number of the last write when it was opened. */
  readonly writes: number;
  /** Number of the last write. */
  written(): number;
  /** Descriptions of the damage; empty if the journal is intact. */
  readonly damage: readonly string[];
  /** Entries that differ from what was written; `entries` leaves them out. */
  readonly damaged: readonly Entry[];
  /** Whether an earlier version wrote it, without checksums. */
  readonly unchecked: boolean;
  /** Drops the damaged entries and accepts the rest as intact. Later writes are numbered after `writes`. */
  dropDamaged(writes: number): Promise<void>;
}

/** How much one read from LevelDB returns. */
const READ_ENTRIES = 1000;
const READ_BYTES = 1024 ** 2;

type Change = { type: 'put'; key: string; value: unknown } | { type: 'del'; key: string };

/**
 * Opens or creates the LevelDB in `folder`, and checks all entries against its summary. Changes made during a write
 * are written together in the next write.
 * @throws LevelDB's error if another process holds it, or its files cannot be read
 */
export async function openJournal(folder: string, options: JournalOptions = {}): Promise<OpenedJournal> {
  const db = new ClassicLevel(folder);
  await db.open();
  const contents = createContents();
  try {
    for await (const [key, stored] of entriesOf(db)) contents.load({ key, stored });
  } catch (error) {
    await db.close();
    throw error;
  }
  const found = contents.verify();
  const damagedKeys = new Set(found.damaged.map(({ key }) => key));
  let { writes } = found;
  let pending: Change[] = [];
  let writing: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  function flush(): Promise<void> {
    if (pending.length === 0) return next ?? writing;
    next ??= writing.then(() => {
      const changes = pending;
      pending = [];
      next = undefined;
      writing = write(changes);
      writing.catch((error: unknown) => options.onFailure?.(error));
      return writing;
    });
    return next;
  }

  async function write(changes: readonly Change[]): Promise<void> {
    const operations = changes.map((change) =>
      change.type === 'del'
        ? contents.del(change.key)
        : contents.put(change.key, JSON.stringify(change.value)),
    );
    writes += 1;
    await db.batch([...operations, contents.summary(writes)], { sync: options.fsync === true });
    options.onWritten?.(writes);
  }

  if (found.unchecked) {
    for await (const [key, stored] of entriesOf(db))
      pending.push({ type: 'put', key, value: JSON.parse(stored) });
    await flush();
  }

  return {
    ...found,
    written: () => writes,
    put: (key, value) => void pending.push({ type: 'put', key, value }),
    del: (key) => void pending.push({ type: 'del', key }),
    flush,
    async *entries(prefix) {
      await flush();
      for await (const [key, stored] of entriesOf(db, { gte: prefix, lt: `${prefix}\u{10ffff}` }))
        if (!damagedKeys.has(key)) yield [key, valueOf(stored)];
    },
    async dropDamaged(last) {
      writes = Math.max(writes, last);
      pending.push(...found.damaged.map(({ key }) => ({ type: 'del' as const, key })));
      writing = write(pending.splice(0));
      await writing;
    },
    async close() {
      try {
        await flush();
      } finally {
        await db.close();
      }
    },
  };
}

/**
 * Yields the entries of a range. Reads many at a time, where LevelDB's own iterator fetches about thirty, and the next
 * ones while these are used.
 */
async function* entriesOf(db: ClassicLevel, range: IteratorOptions<string, string> = {}) {
  const iterator = db.iterator({ ...range, highWaterMarkBytes: READ_BYTES });
  const read = () => {
    const entries = iterator.nextv(READ_ENTRIES);
    // The error is thrown once the entries before it are used.
    entries.catch(() => undefined);
    return entries;
  };
  try {
    let entries: [key: string, stored: string][];
    let next = read();
    do {
      entries = await next;
      next = read();
      yield* entries;
    } while (entries.length > 0);
  } finally {
    await iterator.close();
  }
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openJournal, type Journal, type JournalOptions } from '../src/journal.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

/** Opens the journal, uses it and closes it. */
async function withJournal<T>(
  use: (journal: Awaited<ReturnType<typeof openJournal>>) => Promise<T>,
  options?: JournalOptions,
): Promise<T> {
  const journal = await openJournal(folder, options);
  try {
    return await use(journal);
  } finally {
    await journal.close();
  }
}

/** Changes the journal's entries as a damaged disk would. */
async function behindItsBack(change: (db: ClassicLevel) => Promise<unknown>): Promise<void> {
  const db = new ClassicLevel(folder);
  await change(db);
  await db.close();
}

async function entriesOf(journal: Journal, prefix = ''): Promise<Record<string, unknown>> {
  const entries: Record<string, unknown> = {};
  for await (const [key, value] of journal.entries(prefix)) entries[key] = value;
  return entries;
}

const store = (entries: Record<string, unknown>) =>
  withJournal(async (journal) => {
    for (const [key, value] of Object.entries(entries)) journal.put(key, value);
    await journal.flush();
  });
const damage = () =>
  withJournal(({ damage: found, damaged }) => Promise.resolve([found, damaged.map(({ key }) => key)]));

describe('a journal', () => {
  it('has what was put and not deleted, by prefix and in order, also when it is opened again', async () => {
    await store({ 'b/2': [2], 'b/1': { a: 1 }, c: 'c', a: null });
    await withJournal((journal) => {
      journal.del('c');
      journal.put('b/2', 'again');
      return Promise.resolve();
    });
    await withJournal(async (journal) => {
      expect(journal).toMatchObject({ damage: [], damaged: [], unchecked: false, writes: 2 });
      const found = await entriesOf(journal, 'b/');
      expect([Object.keys(found), found]).toEqual([['b/1', 'b/2'], { 'b/1': { a: 1 }, 'b/2': 'again' }]);
      expect(await entriesOf(journal, 'c')).toEqual({});
    });
  });

  it('numbers its writes, one for all changes that were made meanwhile', async () => {
    const written: number[] = [];
    const options = { onWritten: (writes: number) => void written.push(writes) };
    await withJournal(async (journal) => {
      await journal.flush();
      expect(written).toEqual([]);
      journal.put('a', 1);
      const first = journal.flush();
      await Promise.resolve();
      journal.put('b', 2);
      journal.put('c', 3);
      const second = [journal.flush(), journal.flush()];
      await first;
      expect(written).toEqual([1]);
      await Promise.all(second);
      expect([written, journal.written()]).toEqual([[1, 2], 2]);
    }, options);
    await withJournal(({ writes }) => Promise.resolve(expect(writes).toBe(2)));
  });

  it('reports a failed write, which nobody takes for stored', async () => {
    const failures: unknown[] = [];
    const full = new Error('no space is left');
    await withJournal(
      async (journal) => {
        vi.spyOn(ClassicLevel.prototype, 'batch').mockRejectedValueOnce(full);
        journal.put('a', 1);
        await expect(journal.flush()).rejects.toBe(full);
        await expect(journal.flush()).rejects.toBe(full);
        expect(failures).toEqual([full]);
      },
      { onFailure: (error) => void failures.push(error) },
    ).catch((error: unknown) => expect(error).toBe(full));
    expect(failures).toContain(full);
  });

  it('of an earlier version, without checksums, is read and gets them', async () => {
    await behindItsBack((db) => db.batch([{ type: 'put', key: 'a', value: '{"a":1}' }]));
    await withJournal(async (journal) => {
      expect(journal).toMatchObject({ unchecked: true, damage: [], damaged: [] });
      expect(await entriesOf(journal, 'a')).toEqual({ a: { a: 1 } });
    });
    await withJournal(async (journal) => {
      expect(journal).toMatchObject({ unchecked: false, damage: [] });
      expect(await entriesOf(journal, 'a')).toEqual({ a: { a: 1 } });
    });
  });
});

describe('damage to a journal', () => {
  beforeEach(() => store({ a: 'one', b: 'two', c: 'three' }));

  it('of an entry is found; the others are read, and the damaged one can be dropped', async () => {
    await behindItsBack(async (db) => db.put('b', `${await db.get('b')}x`));
    await withJournal(async (journal) => {
      expect(journal.damage[0]).toContain('1 of its entries differ');
      expect(journal.damaged.map(({ key }) => key)).toEqual(['b']);
      expect(await entriesOf(journal, '')).toMatchObject({ a: 'one', c: 'three' });
      expect(await entriesOf(journal, 'b')).toEqual({});
      await journal.dropDamaged(7);
      expect(journal.written()).toBeGreaterThan(7);
    });
    await withJournal(async (journal) => {
      expect(journal).toMatchObject({ damage: [], damaged: [] });
      expect(await entriesOf(journal, 'c')).toEqual({ c: 'three' });
    });
  });

  it('by a lost entry is found by their number', async () => {
    await behindItsBack((db) => db.del('c'));
    expect(await damage()).toEqual([['it has 2 entries where 3 were written'], []]);
  });

  it('by an entry that is older than the last write is found by their sum', async () => {
    let older = '';
    await behindItsBack(async (db) => (older = (await db.get('a')) ?? ''));
    await store({ a: 'newer' });
    await behindItsBack((db) => db.put('a', older));
    expect(await damage()).toEqual([['some of its entries are older than its last write'], []]);
  });

  it('by a lost summary is found', async () => {
    await behindItsBack((db) => db.del('journal/summary'));
    expect(await damage()).toEqual([['its summary is missing'], []]);
  });

  it('of all entries does not pass for a journal of an earlier version', async () => {
    await behindItsBack(async (db) => {
      await db.clear();
      await db.put('a', 'nonsense');
    });
    expect(await damage()).toEqual([
      ['1 of its entries differ from what was written', 'its summary is missing'],
      ['a'],
    ]);
  });
});

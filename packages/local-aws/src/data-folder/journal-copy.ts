import { link, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Keeps the journal as it was before the start, until all of it proved to be whole: LevelDB deletes files that it does
 * not know when it opens, and with a damaged manifest it knows too few. LevelDB never changes a file that is complete,
 * so further names for the same files are a copy.
 */
export interface JournalCopy {
  /** Puts the copy in the place of the journal. */
  restore(): Promise<void>;
  /** Removes the copy; from then on the journal counts. */
  drop(): Promise<void>;
  /** Moves the copy elsewhere instead. */
  moveTo(folder: string): Promise<void>;
}

/** Copies the journal of a locked folder, after it finished what a killed start left. */
export async function copyJournal(folder: string): Promise<JournalCopy> {
  const journal = join(folder, 'journal');
  const copy = join(folder, 'journal.before-start');
  const incomplete = join(folder, 'journal.incomplete');
  const dropped = join(folder, 'journal.dropped');
  const restore = async () => {
    await rm(journal, { recursive: true, force: true });
    await rename(copy, journal);
  };

  for (const leftover of [incomplete, dropped]) await rm(leftover, { recursive: true, force: true });
  if ((await readdir(folder)).includes('journal.before-start')) await restore();
  await mkdir(incomplete, { mode: 0o700 });
  for (const name of await filesOf(journal)) await link(join(journal, name), join(incomplete, name));
  await rename(incomplete, copy);

  return {
    restore,
    async drop() {
      await rename(copy, dropped);
      await rm(dropped, { recursive: true, force: true });
    },
    moveTo: (elsewhere) => rename(copy, elsewhere),
  };
}

async function filesOf(journal: string): Promise<string[]> {
  await mkdir(journal, { recursive: true, mode: 0o700 });
  const entries = await readdir(journal, { withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

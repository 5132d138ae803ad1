import { link, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * A copy of the journal from before the start, kept until the journal is found intact: when it opens, LevelDB deletes
 * files that its manifest does not list, even if the manifest is damaged. LevelDB never changes complete files, so
 * hard links to them are a copy.
 */
export interface JournalCopy {
  /** Replaces the journal with the copy. */
  restore(): Promise<void>;
  /** Removes the copy, because the journal is intact. */
  drop(): Promise<void>;
  /** Moves the copy elsewhere instead. */
  moveTo(folder: string): Promise<void>;
}

/** Copies the journal of a locked folder, after completing the work of a killed start. */
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

import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { isMissing } from '../is-missing.ts';
import { openJournal, type JournalOptions, type OpenedJournal } from '../journal.ts';
import type { ContentsFound } from './contents.ts';
import { count } from './damage.ts';
import { copyJournal } from './journal-copy.ts';

/** Runs LevelDB's repair. The copy preserves what the repair drops. */
export async function reopenRepaired(folder: string, options: JournalOptions): Promise<OpenedJournal> {
  await copyJournal(folder);
  const place = join(folder, 'journal');
  await ClassicLevel.repair(place).catch(async () => {
    // The repair failed too; the copy has everything.
    await rm(place, { recursive: true, force: true });
  });
  await rm(join(place, 'lost'), { recursive: true, force: true });
  return await openJournal(place, options);
}

/** Moves unknown and incomplete files aside. Returns their descriptions. */
export async function moveAside(
  aside: string,
  blobs: string,
  { unknown, incomplete }: ContentsFound,
  journal: OpenedJournal,
): Promise<string> {
  await moveFiles(unknown, blobs, aside);
  for (const { content } of incomplete) {
    for (const { id } of content.segments) await moveFiles([id], blobs, aside);
    content.discard();
  }
  const lines = [
    ...incomplete.map(({ content, why }) => ({ why, object: content.name, stored: content.entry })),
    ...journal.damaged.map((entry) => ({ why: 'differs from what was written', ...entry })),
  ];
  await mkdir(aside, { recursive: true, mode: 0o700 });
  await writeFile(join(aside, 'entries.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return `${count(unknown.length, 'content')} that no object has, ${count(incomplete.length, 'incomplete object')}, ${count(journal.damaged.length, 'damaged journal entry', 'damaged journal entries')}`;
}

export async function moveFiles(names: readonly string[], blobs: string, aside: string): Promise<void> {
  await mkdir(join(aside, 'blobs'), { recursive: true, mode: 0o700 });
  for (const name of names)
    await rename(join(blobs, name), join(aside, 'blobs', name)).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
}

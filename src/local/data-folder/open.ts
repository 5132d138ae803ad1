import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { openJournal, type Journal, type JournalOptions, type OpenedJournal } from '../journal.ts';
import type { StoredContent } from '../s3/model.ts';
import { openAcknowledged, readAcknowledged, type Acknowledged } from './acknowledged.ts';
import { compareContents, countContents, type ContentsFound } from './contents.ts';
import { DataFolderError } from './error.ts';
import { copyJournal } from './journal-copy.ts';
import { inUse, isLocked, levelCodes, lockFolder } from './lock.ts';
import { readMark, syncFolder, writeMark } from './mark.ts';

export interface DataFolderOptions {
  /** Moves aside what is damaged, instead of refusing the folder. */
  repair?: boolean;
  /** Called with what a repair did. */
  onNotice(text: string): void;
  /** Called when the journal cannot be written any more. */
  onFailure(error: unknown): void;
}

/** A data folder that is locked and whose journal was read. It counts as whole only after `check`. */
export interface DataFolder {
  journal: Journal;
  /**
   * Holds the contents against what the journal says is stored. What the journal lacks is deleted if the journal is
   * whole, and otherwise moved aside.
   * @throws DataFolderError `damaged`; then the folder is as it was before the start
   */
  check(stored: () => Iterable<StoredContent>): Promise<void>;
  close(): Promise<void>;
}

/** @throws DataFolderError when the folder is not ours, is in use or is damaged beyond reading */
export async function openDataFolder(folder: string, options: DataFolderOptions): Promise<DataFolder> {
  const mark = await readMark(folder);
  if (mark === 'new') await writeMark(folder);
  const lock = await lockFolder(folder);
  try {
    return await openLocked(folder, mark, options, () => lock.release());
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openLocked(
  folder: string,
  mark: Awaited<ReturnType<typeof readMark>>,
  { repair = false, onNotice, onFailure }: DataFolderOptions,
  release: () => Promise<void>,
): Promise<DataFolder> {
  const blobs = join(folder, 'blobs');
  const acknowledgedFile = join(folder, 'acknowledged');
  await mkdir(blobs, { recursive: true, mode: 0o700 });
  // Earlier versions let everybody on the machine in.
  await chmod(folder, 0o700);
  const before = await readAcknowledged(acknowledgedFile);
  const copy = await copyJournal(folder);
  let acknowledged: Acknowledged | undefined;
  const onWritten = (writes: number) => acknowledged?.write(writes);

  let journal: OpenedJournal;
  const damage: string[] = [];
  try {
    journal = await openJournal(join(folder, 'journal'), { onWritten, onFailure });
  } catch (error) {
    if (isLocked(error)) {
      // An earlier version holds it, which knows only LevelDB's lock.
      await copy.drop();
      throw inUse(folder, error);
    }
    await copy.restore();
    if (!isUnreadable(error)) throw error;
    const why = `its journal cannot be read: ${reasonOf(error)}`;
    if (!repair) throw damagedError(folder, [why], await countContents(blobs), undefined, 0);
    damage.push(why);
    journal = await reopenRepaired(folder, { onWritten, onFailure });
  }
  damage.push(...damageOf(journal, mark, before, await countContents(blobs)));

  const close = async () => {
    try {
      await journal.close();
    } finally {
      acknowledged?.close();
      await release();
    }
  };

  return {
    journal,
    close,
    async check(stored) {
      const found = await compareContents(blobs, stored());
      const all = [...damage, ...found.incomplete.map(({ content, why }) => `${content.name}: ${why}`)];
      if (all.length > 0 && !repair) {
        await journal.close();
        await copy.restore();
        throw damagedError(folder, all, found.files, [...stored()].length, found.unknown.length);
      }
      const asideFolder = join(folder, 'lost+found', new Date().toISOString().replaceAll(':', '-'));
      if (all.length > 0) {
        await journal.dropDamaged(typeof before === 'number' ? before : 0);
        const moved = await moveAside(asideFolder, blobs, found, journal);
        await journal.flush();
        await copy.moveTo(join(asideFolder, 'journal'));
        onNotice(
          `repaired ${folder}: ${all.join('; ')}. ${moved} and the former journal are in ${asideFolder}`,
        );
      } else {
        if (journal.unchecked && found.unknown.length > 0) {
          await moveFiles(found.unknown, blobs, asideFolder);
          onNotice(`${count(found.unknown.length, 'content')} that no object has moved to ${asideFolder}`);
        } else for (const name of found.unknown) await rm(join(blobs, name));
        await copy.drop();
      }
      acknowledged = openAcknowledged(acknowledgedFile);
      acknowledged.write(journal.written());
      if (mark === 'unmarked' || mark === 'unreadable') await writeMark(folder);
      await syncFolder(folder);
    },
  };
}

/** What is wrong with a journal that can be read. */
function damageOf(
  journal: OpenedJournal,
  mark: 'new' | 'marked' | 'unmarked' | 'unreadable',
  acknowledged: number | 'missing' | 'damaged',
  contents: number,
): string[] {
  const damage = journal.damage.map((text) => `its journal is damaged: ${text}`);
  if (mark === 'unreadable') damage.push('its mark, millrace.json, is damaged');
  if (acknowledged === 'damaged') damage.push('its file `acknowledged` is damaged');
  else if (acknowledged === 'missing') {
    const isEarlier = mark === 'unmarked' && journal.unchecked;
    const isNew = journal.writes === 0 && contents === 0;
    if (!isEarlier && !isNew) damage.push('its file `acknowledged` is missing');
  } else if (journal.writes < acknowledged)
    damage.push(
      `its journal ends at write ${journal.writes}, but clients were told of ${acknowledged} writes`,
    );
  return damage;
}

/** LevelDB's own repair; what it drops is in the copy. */
async function reopenRepaired(folder: string, options: JournalOptions): Promise<OpenedJournal> {
  await copyJournal(folder);
  const place = join(folder, 'journal');
  await ClassicLevel.repair(place).catch(async () => {
    // Not even that: the copy has all of it.
    await rm(place, { recursive: true, force: true });
  });
  await rm(join(place, 'lost'), { recursive: true, force: true });
  return await openJournal(place, options);
}

/** Moves what nobody knows, and what is incomplete, out of the way; returns what that was, in words. */
async function moveAside(
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

async function moveFiles(names: readonly string[], blobs: string, aside: string): Promise<void> {
  await mkdir(join(aside, 'blobs'), { recursive: true, mode: 0o700 });
  for (const name of names)
    await rename(join(blobs, name), join(aside, 'blobs', name)).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    });
}

const SHOWN = 5;

function damagedError(
  folder: string,
  damage: readonly string[],
  contents: number,
  known: number | undefined,
  unknown: number,
): DataFolderError {
  const more = damage.length > SHOWN ? `; and ${damage.length - SHOWN} more` : '';
  const numbers =
    known === undefined
      ? `the folder has ${count(contents, 'content')}`
      : `the folder has ${count(contents, 'content')}, the journal knows ${count(known, 'object')}, and ${unknown} of the contents are of none of them`;
  return new DataFolderError(
    'damaged',
    `the data folder ${folder} is damaged: ${damage.slice(0, SHOWN).join('; ')}${more}; ${numbers}. Nothing was changed. Restore a backup, or start again with --repair, which moves aside what is damaged and deletes nothing`,
  );
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** Whether LevelDB could not make sense of its files, rather than not reach them. */
function isUnreadable(error: unknown): boolean {
  const codes = levelCodes(error);
  if (codes.includes('LEVEL_CORRUPTION')) return true;
  return codes.includes('LEVEL_DATABASE_NOT_OPEN') || codes.includes('LEVEL_IO_ERROR')
    ? /no such file|not found|invalid argument|does not exist/i.test(reasonOf(error))
    : false;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}

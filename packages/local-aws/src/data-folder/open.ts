import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openJournal, type Journal, type OpenedJournal } from '../journal.ts';
import type { StoredContent } from '../s3/model/contents.ts';
import { openAcknowledged, readAcknowledged, type Acknowledged } from './acknowledged.ts';
import { compareContents, listContents } from './contents.ts';
import { count, damagedError, damageOf } from './damage.ts';
import { copyJournal } from './journal-copy.ts';
import type { FolderKind } from './kind.ts';
import { inUse, isLocked, levelCodes, lockFolder } from './lock.ts';
import { readMark, writeMark, type Mark } from './mark.ts';
import { closeToOthers } from './permissions.ts';
import { moveAside, moveFiles, reopenRepaired } from './repair.ts';
import { syncFolder } from './sync-folder.ts';

export interface DataFolderOptions {
  kind: FolderKind;
  /** Moves damaged files aside instead of refusing the folder. */
  repair?: boolean;
  /** Reads all contents and compares their bytes, not only their sizes. */
  verify?: boolean;
  /** Whether each journal write survives a power cut. */
  fsync?: boolean;
  /** Called with a description of each repair. */
  onNotice(text: string): void;
  /** Called when the journal can no longer be written. */
  onFailure(error: unknown): void;
}

/** A locked data folder whose journal was read. It counts as intact only after `check`. */
export interface DataFolder {
  journal: Journal;
  /**
   * Compares the contents with the journal. Deletes contents that the journal does not list if it is intact, and
   * otherwise moves them aside. @throws DataFolderError `damaged`; the folder is then as it was before the start
   */
  check(stored: Iterable<StoredContent>): Promise<void>;
  close(): Promise<void>;
}

/** @throws DataFolderError if the folder is not ours, is in use or cannot be read */
export async function openDataFolder(folder: string, options: DataFolderOptions): Promise<DataFolder> {
  const mark = await readMark(folder, options.kind);
  if (mark === 'new') await writeMark(folder, options.kind);
  const lock = await lockFolder(folder, options.kind);
  try {
    return await openLocked(folder, mark, options, () => lock.release());
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openLocked(
  folder: string,
  mark: Mark,
  { kind, repair = false, verify = false, fsync = false, onNotice, onFailure }: DataFolderOptions,
  release: () => Promise<void>,
): Promise<DataFolder> {
  const blobs = join(folder, 'blobs');
  const acknowledgedFile = join(folder, 'acknowledged');
  await mkdir(blobs, { recursive: true, mode: 0o700 });
  await closeToOthers(folder);
  // Meanwhile, the journal is read.
  let listing: ReturnType<typeof listContents> | undefined = listContents(blobs);
  listing.catch(() => undefined);
  const before = await readAcknowledged(acknowledgedFile);
  const copy = await copyJournal(folder);
  let acknowledged: Acknowledged | undefined;
  const journalOptions = { fsync, onFailure, onWritten: (writes: number) => acknowledged?.write(writes) };

  let journal: OpenedJournal;
  const damage: string[] = [];
  try {
    journal = await openJournal(join(folder, 'journal'), journalOptions);
  } catch (error) {
    if (isLocked(error)) {
      // An earlier version is using the folder; it only takes LevelDB's own lock.
      await copy.drop();
      throw inUse(folder, kind, error);
    }
    await copy.restore();
    if (!isUnreadable(error)) throw error;
    const why = `its journal cannot be read: ${reasonOf(error)}`;
    if (!repair) throw damagedError(folder, kind, [why], (await listing).size, undefined, 0);
    damage.push(why);
    journal = await reopenRepaired(folder, journalOptions);
  }

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
      const files = await (listing ?? listContents(blobs));
      // Otherwise, this closure would keep the names.
      listing = undefined;
      damage.push(...damageOf(kind, journal, mark, before, files.size));
      const found = await compareContents(blobs, files, stored, verify);
      const all = [...damage, ...found.incomplete.map(({ content, why }) => `${content.name}: ${why}`)];
      if (all.length > 0 && !repair) {
        await journal.close();
        await copy.restore();
        throw damagedError(folder, kind, all, found.files, found.objects, found.unknown.length);
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
      acknowledged.sync();
      if (mark === 'unmarked' || mark === 'unreadable') await writeMark(folder, kind);
      await syncFolder(folder);
    },
  };
}

/** Returns whether LevelDB's files are damaged, rather than inaccessible. */
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

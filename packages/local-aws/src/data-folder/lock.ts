import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { DataFolderError } from './error.ts';
import type { FolderKind } from './kind.ts';

/**
 * Locks a data folder until `release`, or until the process ends, however it ends. Node has no such lock; LevelDB has:
 * an empty database, of which only its lock file counts.
 * @throws DataFolderError `in use`
 */
export async function lockFolder(folder: string, kind: FolderKind): Promise<{ release(): Promise<void> }> {
  const place = join(folder, 'lock');
  await mkdir(place, { recursive: true, mode: 0o700 });
  // The database of an earlier process may be damaged, and nothing is in it.
  for (const name of await readdir(place)) if (name !== 'LOCK') await rm(join(place, name), { force: true });
  const db = new ClassicLevel(place);
  try {
    await db.open();
  } catch (error) {
    throw isLocked(error) ? inUse(folder, kind, error) : error;
  }
  return { release: () => db.close() };
}

export function inUse(folder: string, { holder }: FolderKind, cause: unknown): DataFolderError {
  return new DataFolderError('in use', `the data folder ${folder} is in use by another ${holder}`, { cause });
}

/** Returns whether a LevelDB error means that another process has the database open. */
export function isLocked(error: unknown): boolean {
  return levelCodes(error).includes('LEVEL_LOCKED');
}

/** The codes of an error of LevelDB and of its causes. */
export function levelCodes(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  return ['code' in error ? String(error.code) : '', ...levelCodes(error.cause)];
}

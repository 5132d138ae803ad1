import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { DataFolderError } from './error.ts';
import type { FolderKind } from './kind.ts';

/**
 * Locks a data folder until `release`, or until the process ends, even if it is killed. Node has no such lock, but
 * LevelDB does: this opens an empty database for its lock file.
 * @throws DataFolderError `in use`
 */
export async function lockFolder(folder: string, kind: FolderKind): Promise<{ release(): Promise<void> }> {
  const place = join(folder, 'lock');
  await mkdir(place, { recursive: true, mode: 0o700 });
  // An earlier process's database may be damaged; it contains nothing.
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

/** Returns the codes of a LevelDB error and its causes. */
export function levelCodes(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  return ['code' in error ? String(error.code) : '', ...levelCodes(error.cause)];
}

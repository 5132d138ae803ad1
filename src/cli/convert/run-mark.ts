import { randomUUID } from 'node:crypto';
import { opendir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';

/** A run's mark: a folder in the result folder. The run's drafts are named after it. */
const MARK = /^\.millrace-([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/;
/** The files of a LevelDB database. */
const LOCK_FILE = /^(LOCK|LOG(\.old)?|CURRENT|MANIFEST-\d+|\d+\.\w+)$/;
const ATTEMPTS = 3;

const markOf = (to: string, id: string) => join(to, `.millrace-${id}`);

/** Returns the beginning of the names of a run's drafts, which no source or result has. */
export const draftPrefix = (run: string) => `.millrace-${run}-`;

/** A run that writes to a result folder. */
export interface Run {
  id: string;
  /** Removes the drafts that were abandoned in the result folder itself, and the mark. */
  end(): Promise<void>;
}

/**
 * Marks a result folder, so that a later run knows whether the drafts in it belong to a running process. On a file
 * system without locks there is no mark, and a killed process's drafts stay (docs/adr/0026).
 */
export async function beginRun(to: string): Promise<Run> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const id = randomUUID();
    const mark = markOf(to, id);
    const lock = await lockMark(mark);
    if (lock !== undefined) return { id, end: () => endRun(to, id, lock) };
    // Another run may have locked it first, and removes it.
    await removeMark(mark);
  }
  const id = randomUUID();
  return { id, end: () => abandonDrafts(to, id) };
}

async function endRun(to: string, id: string, lock: ClassicLevel): Promise<void> {
  await abandonDrafts(to, id);
  // Removed while locked, so that no other run takes it for the mark of a dead process.
  await removeMark(markOf(to, id));
  await lock.close();
}

/** Removes the drafts and marks of processes that were killed. Ignores what it is not allowed to remove. */
export async function removeStaleDrafts(to: string): Promise<void> {
  for (const entry of await readdir(to, { withFileTypes: true }).catch(() => [])) {
    const [, id] = MARK.exec(entry.name) ?? [];
    if (id === undefined || !entry.isDirectory()) continue;
    const mark = markOf(to, id);
    // A folder of this name that is not ours may contain anything.
    const files = await readdir(mark).catch(() => ['?']);
    if (!files.every((file) => LOCK_FILE.test(file))) continue;
    const lock = await lockMark(mark);
    if (lock === undefined) continue;
    try {
      await removeDrafts(to, id, true);
      // Another run may be about to lock it. After the rename, only a run that removes it does.
      const aside = markOf(to, randomUUID());
      await rename(mark, aside);
      await rm(aside, { recursive: true, force: true });
    } catch {
      // The next run tries again.
    } finally {
      await lock.close();
    }
  }
}

/** Drafts that cannot be removed stay. */
async function abandonDrafts(to: string, run: string): Promise<void> {
  await removeDrafts(to, run, false).catch(() => undefined);
}

async function removeDrafts(to: string, run: string, recursive: boolean): Promise<void> {
  for await (const entry of await opendir(to, { recursive }))
    if (entry.isFile() && entry.name.startsWith(draftPrefix(run)))
      await rm(join(entry.parentPath, entry.name), { force: true });
}

/**
 * Locks a mark until the process ends, even if it is killed. Node has no such lock, but LevelDB has one for its
 * databases.
 * @returns undefined if another process holds it, or if it cannot be locked
 */
async function lockMark(mark: string): Promise<ClassicLevel | undefined> {
  const lock = new ClassicLevel(mark);
  try {
    await lock.open();
    return lock;
  } catch {
    return undefined;
  }
}

async function removeMark(mark: string): Promise<void> {
  await rm(mark, { recursive: true, force: true }).catch(() => undefined);
}

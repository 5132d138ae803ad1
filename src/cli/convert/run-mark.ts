import { randomUUID } from 'node:crypto';
import { opendir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';

/** A run's mark: a folder in the result folder. The run's drafts are named after it, and lie beside their results. */
const MARK = /^\.millrace-([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/;
/** The files of a database. */
const LOCK_FILE = /^(LOCK|LOG(\.old)?|CURRENT|MANIFEST-\d+|\d+\.\w+)$/;
const ATTEMPTS = 3;

const markOf = (to: string, id: string) => join(to, `.millrace-${id}`);

/** Returns the name of a new draft. No source and no result has it. */
export function draftName(run: string): string {
  return `.millrace-${run}-${randomUUID()}`;
}

/** A run that writes into a result folder. */
export interface Run {
  id: string;
  /** Removes the mark. */
  end(): Promise<void>;
}

/**
 * Marks a result folder, so that a later run can tell whether the drafts in it belong to a process that still runs.
 * Where the file system has no locks there is no mark, and drafts of a killed process stay (docs/adr/0026).
 */
export async function beginRun(to: string): Promise<Run> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const id = randomUUID();
    const mark = markOf(to, id);
    const lock = await lockMark(mark);
    if (lock !== undefined) return { id, end: () => endRun(mark, lock) };
    // Another run may have locked it first, and removes it.
    await removeMark(mark);
  }
  return { id: randomUUID(), end: () => Promise.resolve() };
}

async function endRun(mark: string, lock: ClassicLevel): Promise<void> {
  // While it is locked: nobody takes it for the mark of a dead process.
  await removeMark(mark);
  await lock.close();
}

/** Removes what processes left that were killed while they wrote into this folder. Ignores what it may not remove. */
export async function removeStaleDrafts(to: string): Promise<void> {
  for (const entry of await readdir(to, { withFileTypes: true }).catch(() => [])) {
    const [, id] = MARK.exec(entry.name) ?? [];
    if (id === undefined || !entry.isDirectory()) continue;
    const mark = markOf(to, id);
    // Somebody else's folder of that name may have anything in it.
    const files = await readdir(mark).catch(() => ['?']);
    if (!files.every((file) => LOCK_FILE.test(file))) continue;
    const lock = await lockMark(mark);
    if (lock === undefined) continue;
    try {
      await removeDrafts(to, id);
      // Another run may be about to lock it. Under another name nobody does, except to remove what is left of it.
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

async function removeDrafts(to: string, run: string): Promise<void> {
  for await (const entry of await opendir(to, { recursive: true }))
    if (entry.isFile() && entry.name.startsWith(`.millrace-${run}-`))
      await rm(join(entry.parentPath, entry.name), { force: true });
}

/**
 * Locks a mark until the process ends, however it ends. Node has no such lock, but LevelDB has one for its databases.
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

import { randomUUID } from 'node:crypto';
import { copyFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { createFolder, nearest } from './folders.ts';
import { draftPrefix } from './run-mark.ts';

/** The folder for results. Paths have `/` between their parts, and nothing is written outside the folder. */
export interface ResultFolder {
  /** Path of each draft of this run, up to a random id. */
  drafts: string;
  /**
   * Gives a complete draft its name, atomically. Removes the draft if this fails.
   * @throws Error if the folder cannot be written, or the path leads out of it
   */
  adopt(draft: string, path: string): Promise<void>;
  /** Returns when a result was stored, in milliseconds since 1970, or undefined if there is none. */
  storedAt(path: string): Promise<number | undefined>;
}

/**
 * @param to the real path of an existing folder
 * @param run the id of the run that writes there
 */
export function createResultFolder(to: string, run: string): ResultFolder {
  const checked = new Set<string>([to]);

  function fileAt(path: string): string {
    const file = join(to, ...path.split('/'));
    if (!isIn(to, file)) throw new Error(`${path} leads out of ${to}`);
    return file;
  }

  /** Creates a folder, unless a symbolic link on its path leads elsewhere. */
  async function prepare(folder: string): Promise<void> {
    if (checked.has(folder)) return;
    const real = await nearest(folder);
    if (real !== to && !isIn(to, real)) throw new Error(`${folder} leads out of ${to}, to ${real}`);
    await createFolder(folder);
    checked.add(folder);
  }

  return {
    drafts: join(to, draftPrefix(run)),

    async adopt(draft, path) {
      try {
        const file = fileAt(path);
        await prepare(dirname(file));
        await rename(draft, file).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'EXDEV') throw error;
          return moveAcross(draft, file, join(dirname(file), `${draftPrefix(run)}${randomUUID()}`));
        });
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
    },

    async storedAt(path) {
      const stats = await stat(fileAt(path)).catch(() => undefined);
      return stats?.isFile() ? stats.mtimeMs : undefined;
    },
  };
}

function isIn(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Moves a draft to another file system, through a draft there, so that the last step is atomic again. */
async function moveAcross(draft: string, file: string, copy: string): Promise<void> {
  try {
    await copyFile(draft, copy);
    await rename(copy, file);
    await rm(draft);
  } catch (error) {
    await rm(copy, { force: true });
    throw error;
  }
}

import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createFolder, nearest } from './folders.ts';
import { draftName } from './run-mark.ts';

/** The folder for results. Paths have `/` between their parts, and nothing is written outside the folder. */
export interface ResultFolder {
  /**
   * Stores a result atomically: the file has another name until it is complete.
   * @throws Error if the folder cannot be written, or the path leads out of it
   */
  write(path: string, content: Readable): Promise<void>;
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
    async write(path, content) {
      const file = fileAt(path);
      await prepare(dirname(file));
      // In the same folder, so that the rename is atomic; no source and no other result has this name.
      const draft = join(dirname(file), draftName(run));
      const stream = createWriteStream(draft, { flags: 'wx' });
      const closed = new Promise<void>((resolve) => stream.once('close', () => resolve()));
      try {
        await pipeline(content, stream);
        await rename(draft, file);
      } catch (error) {
        // The stream may still be opening the file, which would then exist again.
        await closed;
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

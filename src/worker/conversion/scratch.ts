import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A temporary folder, created on first use. */
export interface Scratch {
  folder(): Promise<string>;
  /** Removes the folder and everything in it. */
  remove(): Promise<void>;
}

export function createScratch(): Scratch {
  let folder: Promise<string> | undefined;
  return {
    folder: () => (folder ??= mkdtemp(join(tmpdir(), 'millrace-scratch-'))),
    async remove() {
      if (folder !== undefined) await rm(await folder, { recursive: true, force: true });
    },
  };
}

import { stat } from 'node:fs/promises';
import { createScratch, type Scratch } from '../worker/conversion/scratch.ts';

/** A temporary folder of the worker that notices when the conversion removes it. */
export interface WatchedScratch extends Scratch {
  /** @throws Error when it was used and is gone */
  mustBeThere(): Promise<void>;
}

export function watchedScratch(): WatchedScratch {
  const scratch = createScratch();
  let used: Promise<string> | undefined;
  return {
    folder: () => (used = scratch.folder()),
    remove: () => scratch.remove(),
    async mustBeThere() {
      const folder = await used;
      if (folder === undefined || (await isThere(folder))) return;
      throw new Error('the conversion removed its temporary folder, which is left to the pipeline');
    },
  };
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

import { stat } from 'node:fs/promises';
import { createScratch, type Scratch } from '../worker/conversion/scratch.ts';

/** The worker's temporary folder, with a check that the conversion has not removed it. */
export interface WatchedScratch extends Scratch {
  /** @throws Error if the folder was created and is gone */
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
      throw new Error('the conversion removed its temporary folder; leave that to the pipeline');
    },
  };
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

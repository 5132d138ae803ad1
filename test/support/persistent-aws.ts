import { startLocalAws, type LocalAws } from '@millrace/local-aws';
import { MACHINE, type Machine } from '@millrace/local-aws/models';
import { DATA_FOLDER } from '../../src/local/data-folder.ts';

/** Starts the local AWS on a pipeline's data folder. Internal errors fail the test. */
export function startPersistentAws(folder: string, machine: Machine = MACHINE): Promise<LocalAws> {
  return startLocalAws({
    folder,
    folderKind: DATA_FOLDER,
    machine,
    onError(error) {
      throw error;
    },
  });
}

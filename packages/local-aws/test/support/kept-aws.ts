import { startLocalAws, type LocalAws } from '../../src/aws.ts';
import { MACHINE, type Machine } from '../../src/clock.ts';

/** Starts the local AWS on a data folder. What it calls a bug fails the test. */
export function startKeptAws(folder: string, machine: Machine = MACHINE): Promise<LocalAws> {
  return startLocalAws({
    port: 0,
    folder,
    keep: true,
    machine,
    onError(error) {
      throw error;
    },
  });
}

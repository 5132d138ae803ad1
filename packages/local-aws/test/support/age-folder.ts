import { join } from 'node:path';
import { openJournal } from '../../src/journal.ts';
import { openAcknowledged } from '../../src/data-folder/acknowledged.ts';
import { MACHINE, type Machine } from '../../src/clock.ts';
import { openClock } from '../../src/persistent-clock.ts';

const MINUTE = 60_000;

/** Changes a data folder as if an idle pipeline had used it for some days. */
export async function ageFolder(folder: string, days: number): Promise<void> {
  const acknowledged = openAcknowledged(join(folder, 'acknowledged'));
  const journal = await openJournal(join(folder, 'journal'), { onWritten: acknowledged.write });
  let passed = 0;
  const machine: Machine = { wall: () => MACHINE.wall() + passed, elapsed: () => MACHINE.elapsed() + passed };
  const { clock, start, stop } = await openClock(journal, machine);
  start();
  for (let minutes = 0; minutes < days * 24 * 60; minutes += 1) {
    passed += MINUTE;
    clock.now();
  }
  stop();
  await journal.close();
  acknowledged.close();
}

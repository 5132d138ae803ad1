import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { withRow } from './frame/document.ts';
import { describeMachine } from './frame/machine.ts';

const FILE = 'docs/performance.md';

/** One line of the table in `docs/performance.md`. */
export interface Row {
  /** `B7`. */
  id: string;
  workload: string;
  against: string;
  target: string;
  measured: string;
}

/** Prints a benchmark's row and writes it into the table, in the place of the one it had. */
export function report({ id, workload, against, target, measured }: Row): void {
  process.stdout.write(`${id} ${workload}, against ${against}: ${measured} (target ${target})\n`);
  const cells = [id, workload, against, target, measured, '', describeMachine()];
  writeFileSync(FILE, withRow(readFileSync(FILE, 'utf8'), cells));
  execFileSync('node_modules/.bin/oxfmt', [FILE]);
}

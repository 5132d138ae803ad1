import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

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
  const row = `| ${[id, workload, against, target, measured].join(' | ')} |`;
  const lines = readFileSync(FILE, 'utf8').split('\n');
  const isRow = (line: string) => /^\| B\d+ /.test(line);
  const others = lines.filter((line) => isRow(line) && line.split(' ')[1] !== id);
  const head = lines.findIndex((line) => /^\| -+ /.test(line));
  if (head < 0) throw new Error(`${FILE} has no table`);
  const number = (line: string) => Number(/^\| B(\d+) /.exec(line)?.[1]);
  const rows = [...others, row].toSorted((a, b) => number(a) - number(b));
  const rest = lines.slice(head + 1).filter((line) => !isRow(line));
  writeFileSync(FILE, [...lines.slice(0, head + 1), ...rows, ...rest].join('\n'));
  execFileSync('node_modules/.bin/oxfmt', [FILE]);
}

import { numberOf } from './choose.ts';

const COLUMNS = ['#', 'workload', 'baseline', 'target', 'measured', 'command', 'machine'] as const;

/**
 * Writes a benchmark's row to the document's table. Replaces its earlier row.
 * @param cells one for each column; the first is the benchmark's id
 * @throws Error if the document does not have the table
 */
export function withRow(document: string, cells: readonly string[]): string {
  if (cells.length !== COLUMNS.length)
    throw new Error(`expected ${COLUMNS.length} cells, got ${cells.length}`);
  const lines = document.split('\n');
  const head = lines.findIndex((line) => cellsIn(line).join() === COLUMNS.join());
  if (head < 0) throw new Error(`the document has no table with the columns ${COLUMNS.join(', ')}`);
  const begin = head + 2;
  const length = lines.slice(begin).findIndex((line) => !line.startsWith('|'));
  const end = length < 0 ? lines.length : begin + length;
  const idOf = (line: string) => cellsIn(line)[0] ?? '';
  const others = lines.slice(begin, end).filter((line) => idOf(line) !== cells[0]);
  const row = `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
  const rows = [...others, row].toSorted((a, b) => numberOf(idOf(a)) - numberOf(idOf(b)));
  return [...lines.slice(0, begin), ...rows, ...lines.slice(end)].join('\n');
}

function cellsIn(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

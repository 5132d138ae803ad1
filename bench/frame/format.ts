import { isMet, type Benchmark, type Measured, type Target } from './benchmark.ts';

/** Returns `{"id":"B1","ratio":1.05,"target":1.1,"met":true}` and whatever else is known of a measured number. */
export function jsonLine(id: string, measured: Measured): string {
  const { name, value, spread, unit, target } = measured;
  return JSON.stringify({
    id,
    name,
    ratio: rounded(value),
    spread: spread?.map(rounded),
    unit,
    target: target === undefined ? undefined : boundOf(target),
    met: isMet(measured),
  });
}

/** Returns a line for people. */
export function textLine(id: string, measured: Measured): string {
  const met = isMet(measured);
  const verdict = met === undefined ? '' : `, target ${targetText(measured)}: ${met ? 'met' : 'missed'}`;
  return `${id} ${measuredText(measured)}${verdict}`;
}

/** Returns a benchmark's cells in the document: what it is, its targets, what was measured. One line for each number. */
export function cellsOf({ id, workload, baseline }: Benchmark, measured: readonly Measured[]): string[] {
  return [
    id,
    workload,
    baseline,
    measured.some(({ target }) => target !== undefined) ? measured.map(targetText).join('<br>') : 'none',
    measured.map(measuredText).join('<br>'),
  ];
}

function measuredText({ name, value, spread, unit = '×' }: Measured): string {
  const range = spread === undefined ? '' : ` (${spread.map((each) => String(rounded(each))).join(' to ')})`;
  return `${name === undefined ? '' : `${name}: `}${rounded(value)} ${unit}${range}`;
}

function targetText({ target, unit = '×' }: Measured): string {
  if (target === undefined) return 'none';
  return `${'atMost' in target ? '≤' : '≥'} ${boundOf(target)} ${unit}`;
}

function boundOf(target: Target): number {
  return 'atMost' in target ? target.atMost : target.atLeast;
}

/** To three digits, and whole numbers to the last. */
function rounded(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

import { isMet, type Benchmark, type Measured, type Target } from './benchmark.ts';

/** Returns a measurement as JSON: `{"id":"B1","ratio":1.05,"target":1.1,"met":true}`, and its other fields. */
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

/** Returns a measurement as a line for people. */
export function textLine(id: string, measured: Measured): string {
  const met = isMet(measured);
  const verdict = met === undefined ? '' : `, target ${targetText(measured)}: ${met ? 'met' : 'missed'}`;
  return `${id} ${measuredText(measured)}${verdict}`;
}

/** Returns a benchmark's cells for the document. Targets and measurements have one line each. */
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

/** Rounds to three significant digits, but keeps all digits before the decimal point. */
function rounded(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

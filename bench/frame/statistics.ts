import type { Measured } from './benchmark.ts';

/** Returns the median; for an even number of values, the higher of the two in the middle. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Returns the quantile: this share of the values is below it. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Returns the ratio of the medians, and the lowest and the highest ratio of a round. */
export function ratioOf(
  ours: readonly number[],
  baseline: readonly number[],
): Pick<Measured, 'value'> & { spread: [number, number] } {
  if (ours.length === 0 || ours.length !== baseline.length)
    throw new Error(`expected the same number of rounds, got ${ours.length} and ${baseline.length}`);
  const rounds = ours.map((value, index) => value / (baseline[index] ?? Number.NaN));
  return { value: median(ours) / median(baseline), spread: [Math.min(...rounds), Math.max(...rounds)] };
}

/**
 * Runs the sides alternately, so that noise on the machine affects all of them.
 * @param warmUps rounds whose results are discarded
 */
export async function inTurn<Side extends string, T>(
  rounds: number,
  sides: Readonly<Record<Side, () => T | Promise<T>>>,
  warmUps = 1,
): Promise<Record<Side, T[]>> {
  const names = Object.keys(sides) as Side[];
  const results = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Side, T[]>;
  for (let round = -warmUps; round < rounds; round += 1)
    for (const name of names) {
      const result = await sides[name]();
      if (round >= 0) results[name].push(result);
    }
  return results;
}

import { WrongArguments } from './arguments.ts';
import type { Benchmark } from './benchmark.ts';

/**
 * Returns the benchmarks with these ids, or all of them if there are no ids.
 * @throws WrongArguments that lists the existing ids
 */
export function chooseBenchmarks(all: readonly Benchmark[], ids: readonly string[]): Benchmark[] {
  const unknown = ids.filter((id) => !all.some((each) => each.id === id));
  if (unknown.length > 0)
    throw new WrongArguments(
      `unknown benchmark ${unknown.join(', ')}; expected ${all.map(({ id }) => id).join(', ')}`,
    );
  return all.filter(({ id }) => ids.length === 0 || ids.includes(id));
}

/** Returns 7 for `B7`. */
export function numberOf(id: string): number {
  return Number(id.slice(1));
}

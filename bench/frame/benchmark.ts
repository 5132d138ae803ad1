import type { Photos } from './photos.ts';

/** How much a run measures: `quick` only shows that a benchmark works, `full` takes as long as it needs. */
export const SIZES = ['quick', 'default', 'full'] as const;
export type Size = (typeof SIZES)[number];

/** What a benchmark gets from the command line. */
export interface Bench {
  photos: Photos;
  /** Returns the value for the size of this run. */
  sized<T>(values: Readonly<Record<Size, T>>): T;
  /** Says what happens, or what was measured beside the rows. */
  note(text: string): void;
}

export type Target = { atMost: number } | { atLeast: number };

/** One measured number. Without a unit, it is a ratio: ours to the baseline. */
export interface Measured {
  /** Distinguishes the numbers of a benchmark. */
  name?: string;
  value: number;
  /** The least and the greatest of the rounds. */
  spread?: readonly [number, number];
  unit?: string;
  target?: Target;
}

/** A workload, and what it is compared to. Every file in `bench` exports one. */
export interface Benchmark {
  /** `B7`. */
  id: string;
  workload: string;
  baseline: string;
  /**
   * Measures both sides in turn.
   * @returns nothing if this machine lacks what it takes; a note says what
   * @throws Error when a side did not do what it claims
   */
  run(bench: Bench): Promise<Measured[]>;
}

/** Returns whether a number meets its target; without a target, undefined. */
export function isMet({ value, target }: Measured): boolean | undefined {
  if (target === undefined) return undefined;
  return 'atMost' in target ? value <= target.atMost : value >= target.atLeast;
}

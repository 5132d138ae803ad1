import type { Photos } from './photos.ts';

/** How much to measure: `quick` only shows that a benchmark works; `full` takes as long as needed. */
export const SIZES = ['quick', 'default', 'full'] as const;
export type Size = (typeof SIZES)[number];

/** The context of a run. */
export interface Bench {
  photos: Photos;
  /** Returns the value for the size of this run. */
  sized<T>(values: Readonly<Record<Size, T>>): T;
  /** Prints progress, or a measurement that is not part of the rows. */
  note(text: string): void;
  /** Writes a plot that a document shows, if this run writes to the documents. */
  plot(file: string, svg: string): Promise<void>;
}

export type Target = { atMost: number } | { atLeast: number };

/** A measurement. Without a unit, it is the ratio of ours to the baseline. */
export interface Measured {
  /** Distinguishes a benchmark's measurements. */
  name?: string;
  value: number;
  /** The lowest and the highest value of the rounds. */
  spread?: readonly [number, number];
  unit?: string;
  target?: Target;
}

/** A workload and its baseline. Every file in `bench` exports one. */
export interface Benchmark {
  /** `B7`. */
  id: string;
  workload: string;
  baseline: string;
  /**
   * Measures both sides alternately.
   * @returns an empty array if this machine lacks a requirement, which a note names
   * @throws Error if a side produced a wrong result
   */
  run(bench: Bench): Promise<Measured[]>;
}

/** Returns whether a measurement meets its target, or undefined if it has none. */
export function isMet({ value, target }: Measured): boolean | undefined {
  if (target === undefined) return undefined;
  return 'atMost' in target ? value <= target.atMost : value >= target.atLeast;
}

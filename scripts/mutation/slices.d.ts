export interface Slice {
  mutate: readonly string[];
  tests: readonly string[];
  without?: string[];
  /** Modules to load before the tests. */
  setup?: string[];
}

export const STATIC: boolean;

export const SLICES: Readonly<Record<string, Slice>>;

/** @throws Error that lists the slices if none has this name */
export function sliceOf(name: string): Slice;

/** Splits a list of globs at its commas, except those in braces. */
export function globsIn(list: string): string[];

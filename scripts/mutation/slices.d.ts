export interface Slice {
  mutate: readonly string[];
  tests: readonly string[];
  without?: string[];
  /** Modules to load before the tests. */
  setup?: string[];
  /** `false` if the tests need no built code. The build is repeated whenever a mutant ends the tests' process. */
  build?: false;
}

export const STATIC: boolean;

export const SLICES: Readonly<Record<string, Slice>>;

/** @throws Error that lists the slices if none has this name */
export function sliceOf(name: string): Slice;

/** Splits a list of globs at its commas, except those in braces. */
export function globsIn(list: string): string[];

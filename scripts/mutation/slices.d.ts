export interface Slice {
  mutate: readonly string[];
  tests: readonly string[];
  without?: string[];
}

export const STATIC: boolean;

export const SLICES: Readonly<Record<string, Slice>>;

/** @throws Error naming the slices when there is none of the name */
export function sliceOf(name: string): Slice;

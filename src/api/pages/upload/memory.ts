import * as words from '../shared/words.ts';

/** What this browser remembers of a batch across reloads: how many files it was to have. */
export const memory = {
  expected(batch: string): number {
    return Number(read(batch) ?? 0);
  },
  expect(batch: string, files: number): void {
    try {
      localStorage.setItem(keyOf(batch), String(files));
    } catch {
      // A private window may refuse: then only the counts are shown.
    }
  },
};

function read(batch: string): string | null {
  try {
    return localStorage.getItem(keyOf(batch));
  } catch {
    return null;
  }
}

function keyOf(batch: string): string {
  return `millrace ${batch}`;
}

/** What to do about files that a reload left behind. */
export function missingHint(missing: number): string {
  return `${words.files(missing)} had not been uploaded when this page was left. Drop the same files again to go on: what is there already is skipped.`;
}

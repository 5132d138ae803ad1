import * as words from '../shared/words.ts';

/** A file that was not sent. */
export interface Refused {
  path: string;
  /** The reason, for people. */
  reason: string;
}

/** What the browser stores about a batch across reloads: its number of files. */
export const memory = {
  expected(batch: string): number {
    return Number(read(batch) ?? 0);
  },
  expect(batch: string, files: number): void {
    try {
      localStorage.setItem(keyOf(batch), String(files));
    } catch {
      // A private window may refuse; then, only the counts are shown.
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

/** Files that were not sent. The page keeps them across reloads, with or without a batch. */
export const refusedMemory = {
  read(): Refused[] {
    const state: unknown = history.state;
    if (typeof state !== 'object' || state === null || !('refused' in state)) return [];
    return Array.isArray(state.refused) ? (state.refused as Refused[]) : [];
  },
  write(refused: Refused[]): void {
    try {
      history.replaceState({ refused }, '');
    } catch {
      // If the browser's storage is full, they are gone after a reload.
    }
  },
};

/** Tells the user how to upload files that a reload left behind. */
export function missingHint(missing: number): string {
  return `${words.files(missing)} had not been uploaded when this page was closed. To continue, drop the same files again; files already uploaded are skipped.`;
}

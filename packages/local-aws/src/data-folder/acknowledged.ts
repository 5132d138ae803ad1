import { closeSync, constants, fsyncSync, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { isMissing } from '../is-missing.ts';

/**
 * The number of the last acknowledged journal write, in a small file beside the journal. If the journal ends earlier,
 * writes were lost; the journal alone would not show this, because without its last writes it is still valid.
 */
export interface Acknowledged {
  write(writes: number): void;
  /**
   * Makes the file survive a power cut. Later writes need not survive, because a number that is too small is
   * harmless.
   */
  sync(): void;
  close(): void;
}

const DIGITS = 16;

/** Opens the file for writing, and creates it if it does not exist. */
export function openAcknowledged(file: string): Acknowledged {
  const descriptor = openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600);
  return {
    write: (writes) => void writeSync(descriptor, lineOf(writes), 0),
    sync: () => fsyncSync(descriptor),
    close: () => closeSync(descriptor),
  };
}

/** Returns the number in the file. */
export async function readAcknowledged(file: string): Promise<number | 'missing' | 'damaged'> {
  let text: string;
  try {
    text = await readFile(file, 'latin1');
  } catch (error) {
    if (isMissing(error)) return 'missing';
    throw error;
  }
  const writes = Number(text.slice(0, DIGITS));
  return text === lineOf(writes) ? writes : 'damaged';
}

/** Always the same length, so that a write replaces all of it at once. */
function lineOf(writes: number): string {
  const digits = String(writes).padStart(DIGITS, '0');
  return `${digits} ${crc32(digits).toString(16).padStart(8, '0')}\n`;
}

import { closeSync, constants, fsyncSync, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { isMissing } from '../is-missing.ts';

/**
 * The number of the last journal write that clients were told of, in a small file beside the journal. A journal that
 * ends before it has lost something, which the journal alone cannot tell: without its last writes it is still a journal.
 */
export interface Acknowledged {
  write(writes: number): void;
  /** Makes the file survive a power cut. Later writes need not: a number that is too small claims nothing. */
  sync(): void;
  close(): void;
}

const DIGITS = 16;

/** Opens the file to be written, and creates it if there is none. */
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

/** Always of the same length, so that a write replaces all of it at once. */
function lineOf(writes: number): string {
  const digits = String(writes).padStart(DIGITS, '0');
  return `${digits} ${crc32(digits).toString(16).padStart(8, '0')}\n`;
}

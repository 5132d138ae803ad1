import { createReadStream } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { parseCopy, type DeadLetterCopy } from './copy.ts';

/** A file of copies, one JSON line each, to which lines are added for good. */
export interface CopyFile {
  add(copies: readonly DeadLetterCopy[]): Promise<void>;
  /** Resolves when the disk has all of them. */
  sync(): Promise<void>;
  /** A file without any copy is removed: its name is free for the next try. */
  close(): Promise<void>;
}

/**
 * Opens a new file.
 * @throws the error of the file system; `EEXIST` when there is one already, since it may hold the only copies
 */
export async function createCopyFile(path: string): Promise<CopyFile> {
  const file: FileHandle = await open(path, 'wx');
  let empty = true;
  return {
    async add(copies) {
      empty &&= copies.length === 0;
      await file.appendFile(copies.map((copy) => `${JSON.stringify(copy)}\n`).join(''));
    },
    sync: () => file.datasync(),
    async close() {
      await file.close();
      if (empty) await rm(path);
    },
  };
}

/** @throws InvalidCopy naming the first line that is no copy; the error of the file system */
export async function readCopyFile(path: string): Promise<DeadLetterCopy[]> {
  const lines = createInterface({
    input: createReadStream(path, 'utf8'),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  const copies: DeadLetterCopy[] = [];
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line.trim() !== '') copies.push(parseCopy(line, number));
  }
  return copies;
}

import { createReadStream } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
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

/**
 * Reads a file of copies. A last line without its end is left out: whoever wrote it was killed, and deleted nothing
 * before the line was whole.
 * @throws InvalidCopy naming the first line that is no copy; the error of the file system
 */
export async function readCopyFile(path: string): Promise<DeadLetterCopy[]> {
  const copies: DeadLetterCopy[] = [];
  let number = 0;
  let rest = '';
  const take = (line: string) => {
    number += 1;
    if (line.trim() !== '') copies.push(parseCopy(line, number));
  };
  for await (const chunk of createReadStream(path, 'utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  }
  // A file that has but one line, and no copy in it, is something else.
  if (copies.length === 0 || isJson(rest)) take(rest);
  return copies;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

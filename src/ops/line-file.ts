import { open, rm, type FileHandle } from 'node:fs/promises';

/** A file of JSON lines for copies of messages before they are deleted. */
export interface LineFile<Line> {
  add(lines: readonly Line[]): Promise<void>;
  /** Resolves when all lines are on disk. */
  sync(): Promise<void>;
  /** Removes the file if it has no lines, so that its name is free for the next try. */
  close(): Promise<void>;
}

/**
 * Opens a new file.
 * @throws the file system's error; `EEXIST` if the file exists, because it may contain the only copies
 */
export async function createLineFile<Line>(path: string): Promise<LineFile<Line>> {
  const file: FileHandle = await open(path, 'wx');
  let empty = true;
  return {
    async add(lines) {
      empty &&= lines.length === 0;
      await file.appendFile(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    },
    sync: () => file.datasync(),
    async close() {
      await file.close();
      if (empty) await rm(path);
    },
  };
}

import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Creates a folder that is deleted when the process ends, even if `remove` is not called. */
export async function makeTemporaryFolder(name: string): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), name));
  const removeAtExit = () => removeNow(path);
  process.once('exit', removeAtExit);
  return {
    path,
    async remove() {
      await rm(path, { recursive: true, force: true });
      process.off('exit', removeAtExit);
    },
  };
}

/** Tries of a folder's removal, far more than Node.js has threads that create files in it meanwhile. */
const TRIES = 1000;

/** Deletes a folder in which file operations that have already begun still create files. */
function removeNow(path: string): void {
  for (let left = TRIES; left > 0; left -= 1) {
    try {
      return rmSync(path, { recursive: true, force: true });
    } catch (error) {
      if (left === 1 || !isNotEmpty(error)) throw error;
    }
  }
}

function isNotEmpty(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOTEMPTY';
}

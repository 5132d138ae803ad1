import { chmod, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Closes a data folder to other users of the machine. Earlier versions let everybody read it: then, and only then, each
 * file in it is closed as well, in case the folder is opened up again.
 */
export async function closeToOthers(folder: string): Promise<void> {
  if (((await lstat(folder)).mode & 0o077) === 0) return;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) await chmod(path, 0o600);
    else if (entry.isDirectory()) await chmod(path, 0o700);
  }
  // Last: a start that was killed before it begins again.
  await chmod(folder, 0o700);
}

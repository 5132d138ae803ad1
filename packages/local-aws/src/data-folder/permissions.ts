import { chmod, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Restricts a data folder to its user. Earlier versions let everyone read it; only then, each file in it is
 * restricted too, in case the folder's mode is changed again.
 */
export async function closeToOthers(folder: string): Promise<void> {
  if (((await lstat(folder)).mode & 0o077) === 0) return;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) await chmod(path, 0o600);
    else if (entry.isDirectory()) await chmod(path, 0o700);
  }
  // Done last, so that the next start repeats the work if this process is killed.
  await chmod(folder, 0o700);
}

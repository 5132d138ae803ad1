import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** The folder for all build output, relative to the project's root. */
export const DIST = 'dist';

/**
 * Makes a folder contain exactly these files. Does not touch files that are already up to date, so that running
 * programs are not disturbed.
 * @param files contents by path, relative to the folder
 */
export async function fillFolder(
  folder: string,
  files: ReadonlyMap<string, Uint8Array | string>,
): Promise<void> {
  for (const path of await writeFiles(folder, files)) await rm(join(folder, path), { force: true });
}

/**
 * Writes files to a folder, in this order.
 * @returns the folder's other files: paths with slashes, relative to the folder
 */
export async function writeFiles(
  folder: string,
  files: ReadonlyMap<string, Uint8Array | string>,
): Promise<string[]> {
  for (const [path, contents] of files) await writeIfOther(join(folder, path), contents);
  const present = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return present
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !files.has(path));
}

/** Writes a file unless it already has these contents. */
export async function writeIfOther(file: string, contents: Uint8Array | string): Promise<void> {
  const bytes = typeof contents === 'string' ? Buffer.from(contents) : contents;
  const present = await readFile(file).catch(() => undefined);
  if (present?.equals(bytes)) return;
  await mkdir(dirname(file), { recursive: true });
  // Replaces the file atomically, because another process may be about to load it.
  const draft = `${DIST}/.draft-${randomUUID()}`;
  await writeFile(draft, bytes);
  await rename(draft, file);
}

import type { Dirent, Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** An entry of a folder that is not a readable file. */
export interface Skipped {
  /** Where it is. */
  path: string;
  /** Why it was skipped, as the end of the sentence "PATH: …". */
  reason: string;
  /** Whether it is a folder, or a link to a folder. */
  isFolder: boolean;
}

export interface WalkOptions {
  /** Whether symbolic links are followed. By default each is skipped. */
  followLinks?: boolean;
  /** Returns whether to enter a folder, by its relative path. By default, all folders are entered. */
  enters?(relative: string): boolean;
  /** Real path of a folder: links that lead into it, or to a folder that contains it, are not followed. */
  avoid?: string;
  onSkipped(skipped: Skipped): void;
  /** Returns whether to leave out a file without reporting it, by its relative path. By default, none is left out. */
  ignores?(relative: string): boolean;
  /** Ends the search. What was found by then is returned. */
  stop?: AbortSignal;
}

/**
 * Finds all files in a folder, recursively, and reports everything that it skips: unreadable entries, symbolic links
 * that are not followed, special files, and names that are not UTF-8, which cannot be S3 keys.
 * @returns paths relative to the folder, with `/` between their parts on every platform, in order
 */
export async function walkFolder(folder: string, options: WalkOptions): Promise<string[]> {
  const found: string[] = [];
  const root = await stat(folder).then(identityOf, () => '');
  await walk({ path: folder, relative: '', above: [root] }, options, found);
  return found;
}

interface Folder {
  path: string;
  /** Empty, or ends with `/`. */
  relative: string;
  /** The folders above, to detect a link that leads back to one of them. */
  above: readonly string[];
}

async function walk({ path, relative, above }: Folder, options: WalkOptions, found: string[]): Promise<void> {
  const skip = (name: string, reason: string, isFolder: boolean) =>
    options.onSkipped({ path: join(path, name), reason, isFolder });
  let entries: Dirent<Buffer>[];
  try {
    entries = await readdir(path, { withFileTypes: true, encoding: 'buffer' });
  } catch (error) {
    return options.onSkipped({
      path,
      reason: `the folder cannot be read: ${codeOf(error)}`,
      isFolder: true,
    });
  }
  const named = entries.map((entry) => ({ entry, name: entry.name.toString() }));
  for (const { entry, name } of named.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (options.stop?.aborted) return;
    if (!Buffer.from(name).equals(entry.name)) {
      skip(name, 'its name is not UTF-8', entry.isDirectory());
      continue;
    }
    if (!entry.isDirectory() && options.ignores?.(relative + name)) continue;
    const kind = await kindOf(entry, join(path, name), options);
    if (kind === 'file') found.push(relative + name);
    else if (kind instanceof Object) {
      const identity = identityOf(kind);
      if (options.enters?.(relative + name) === false) continue;
      if (above.includes(identity)) skip(name, 'the link leads back to a folder that contains it', true);
      else
        await walk(
          { path: join(path, name), relative: `${relative}${name}/`, above: [...above, identity] },
          options,
          found,
        );
    } else skip(name, kind, await leadsToFolder(entry, join(path, name)));
  }
}

/** Returns `file`, the stats of a folder, or the reason to skip the entry. */
async function kindOf(
  entry: Dirent<Buffer>,
  path: string,
  { followLinks = false, avoid }: WalkOptions,
): Promise<string | Stats> {
  if (entry.isFile()) return 'file';
  const isLink = entry.isSymbolicLink();
  if (isLink && !followLinks) return 'symbolic links are not followed';
  if (!isLink && !entry.isDirectory()) return 'it is neither a file nor a folder';
  try {
    const stats = await stat(path);
    if (isLink && avoid !== undefined && overlaps(await realpath(path), avoid))
      return 'the link leads to the result folder';
    if (stats.isFile()) return 'file';
    return stats.isDirectory() ? stats : 'it is neither a file nor a folder';
  } catch (error) {
    return `${isLink ? 'the link leads nowhere' : 'it cannot be read'}: ${codeOf(error)}`;
  }
}

async function leadsToFolder(entry: Dirent<Buffer>, path: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

/** Returns whether one of two real paths is inside the other, or both are the same. */
function overlaps(a: string, b: string): boolean {
  const inside = (path: string, folder: string) => path === folder || path.startsWith(folder + sep);
  return inside(a, b) || inside(b, a);
}

function identityOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

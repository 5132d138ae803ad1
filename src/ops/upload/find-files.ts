import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';

/** A file to upload. */
export interface LocalFile {
  path: string;
  key: string;
}

export interface FindOptions {
  /** Put before each key as it is. */
  prefix: string;
  /** Patterns for the path below its folder; a file must match one, if there are any. */
  include: readonly string[];
  /** Patterns; a file must match none. */
  exclude: readonly string[];
}

/** What was named does not say which files are meant. */
export class UnusablePath extends Error {
  override readonly name = 'UnusablePath';
}

/**
 * Finds the files that paths name: a folder stands for all below it, with keys as they lie there; a pattern for
 * what it matches, with keys from its fixed part on; a file for itself.
 * @throws UnusablePath when a path names nothing, or two files would have one key
 */
export async function findFiles(paths: readonly string[], options: FindOptions): Promise<LocalFile[]> {
  const files = new Map<string, LocalFile>();
  for (const named of paths) {
    for (const { path, below } of await expand(named, options)) {
      const key = options.prefix + below.replaceAll('\\', '/');
      const other = files.get(key);
      if (other !== undefined && other.path !== path)
        throw new UnusablePath(
          `${other.path} and ${path} would both have the key ${key}: upload them with a --prefix each`,
        );
      files.set(key, { path, key });
    }
  }
  return [...files.values()];
}

/** `**` alone would leave out names with a line break. */
const ALL = '**/*';

async function expand(
  named: string,
  { include, exclude }: FindOptions,
): Promise<{ path: string; below: string }[]> {
  const below = async (folder: string, patterns: readonly string[]) => {
    const found = await glob([...patterns], {
      cwd: folder,
      ignore: [...exclude],
      dot: true,
      onlyFiles: true,
      followSymbolicLinks: false,
      expandDirectories: false,
    });
    return found.toSorted().map((path) => ({ path: resolve(folder, path), below: path }));
  };
  const stats = await stat(named).catch(() => undefined);
  if (stats?.isDirectory()) return below(named, include.length > 0 ? include : [ALL]);
  if (stats?.isFile()) return [{ path: resolve(named), below: basename(named) }];
  if (stats !== undefined) throw new UnusablePath(`${named} is neither a file nor a folder`);
  if (!isDynamicPattern(named)) throw new UnusablePath(`there is no file or folder ${named}`);
  const { folder, pattern } = splitPattern(named);
  const found = await below(folder, [pattern]);
  if (found.length === 0) throw new UnusablePath(`no file matches ${named}`);
  return found;
}

/** The part of a pattern up to its first special character lies in a folder; keys begin below that. */
function splitPattern(named: string): { folder: string; pattern: string } {
  const parts = named.split('/');
  const first = parts.findIndex((part) => isDynamicPattern(part));
  const folder = parts.slice(0, first).join('/') || (named.startsWith('/') ? '/' : '.');
  return { folder: join(folder), pattern: parts.slice(first).join('/') };
}

import { stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import picomatch from 'picomatch';
import { defined } from '../../core/defined.ts';
import { ignoringNames } from '../../core/ignored.ts';
import { walkFolder, type Skipped, type WalkOptions } from './walk-folder.ts';

/** A file to upload. */
export interface LocalFile {
  path: string;
  key: string;
  /** Whether the file itself was named, not only a folder or a pattern. Such a file is never ignored. */
  isNamed: boolean;
}

export interface FoundFiles {
  files: LocalFile[];
  /** Skipped entries. */
  skipped: Skipped[];
}

export interface FindOptions {
  /** Prepended to each key, unchanged. */
  prefix: string;
  /** Patterns for the path in its folder; if there are any, a file must match one of them. */
  include: readonly string[];
  /** Patterns; a file must match none. */
  exclude: readonly string[];
  followLinks?: boolean;
}

/** Thrown for a path that does not identify files. */
export class UnusablePath extends Error {
  override readonly name = 'UnusablePath';
}

/**
 * Finds the files that paths name. Folders name all files in them, with keys relative to the folder; patterns name
 * what they match, with keys relative to their fixed part.
 * @throws UnusablePath if a path names nothing, or two files would have the same key
 */
export async function findFiles(paths: readonly string[], options: FindOptions): Promise<FoundFiles> {
  const files = new Map<string, LocalFile>();
  const skipped: Skipped[] = [];
  const walking = {
    onSkipped: (each: Skipped) => void skipped.push(each),
    ...defined({ followLinks: options.followLinks }),
  };
  for (const named of paths) {
    for (const { path, below, isNamed } of await expand(named, options, walking)) {
      const key = options.prefix + below;
      const other = files.get(key);
      if (other !== undefined && other.path !== path)
        throw new UnusablePath(
          `${other.path} and ${path} would both have the key ${key}: upload them with a --prefix each`,
        );
      files.set(key, { path, key, isNamed: isNamed || other?.isNamed === true });
    }
  }
  return { files: [...files.values()], skipped };
}

/** Leaves out files with ignored names that were found in a folder or by a pattern. */
export function withoutIgnored(
  files: readonly LocalFile[],
  ignore: readonly string[],
): { files: LocalFile[]; ignored: number } {
  const isIgnored = ignoringNames(ignore);
  const meant = files.filter(({ path, isNamed }) => isNamed || !isIgnored(path));
  return { files: meant, ignored: files.length - meant.length };
}

interface Found {
  path: string;
  below: string;
  isNamed: boolean;
}

/** Patterns also match names that begin with a dot. */
const MATCHING = { dot: true };

async function expand(
  named: string,
  { include, exclude }: FindOptions,
  walking: WalkOptions,
): Promise<Found[]> {
  const below = async (folder: string, patterns: readonly string[]): Promise<Found[]> => {
    const depth = patterns.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...patterns.map(reachOf));
    const isClosed = picomatch(exclude.filter(isOfWholeFolder), MATCHING);
    const isIncluded = patterns.length === 0 ? () => true : picomatch([...patterns], MATCHING);
    const isExcluded = exclude.length === 0 ? () => false : picomatch([...exclude], MATCHING);
    const isMeant = (path: string) => isIncluded(path) && !isExcluded(path);
    const enters = (path: string) => !isClosed(path) && depthOf(path) < depth;
    const found = await walkFolder(folder, {
      ...walking,
      enters,
      onSkipped(each) {
        const path = relative(folder, each.path).split(sep).join('/');
        if (path === '' || isMeant(path) || (each.isFolder && enters(path))) walking.onSkipped(each);
      },
    });
    return found.filter(isMeant).map((path) => ({
      path: resolve(folder, path),
      below: path,
      isNamed: false,
    }));
  };
  const stats = await stat(named).catch(() => undefined);
  if (stats?.isDirectory()) return below(named, include);
  if (stats?.isFile()) return [{ path: resolve(named), below: basename(named), isNamed: true }];
  if (stats !== undefined) throw new UnusablePath(`${named} is neither a file nor a folder`);
  if (!isPattern(named)) throw new UnusablePath(`there is no file or folder ${named}`);
  const { folder, pattern } = splitPattern(named);
  const found = await below(folder, [pattern]);
  if (found.length === 0) throw new UnusablePath(`no file matches ${named}`);
  return found;
}

/** Returns how many parts a path or a pattern has. */
function depthOf(path: string): number {
  return path.split('/').length;
}

/** Special characters that can match a slash. */
const CROSSING = /\*\*|[[(]|^!/;

/** Returns how deep a pattern reaches: no deeper than it has parts, unless a part matches several. */
function reachOf(pattern: string): number {
  return CROSSING.test(pattern) ? Number.POSITIVE_INFINITY : depthOf(pattern);
}

/** Returns whether a pattern that matches a folder matches everything in it. */
function isOfWholeFolder(pattern: string): boolean {
  return pattern.endsWith('/**') && !pattern.startsWith('!');
}

function isPattern(text: string): boolean {
  return picomatch.scan(text).isGlob;
}

/** Splits a pattern before its first part with a special character: into the folder, and the rest, where keys begin. */
function splitPattern(named: string): { folder: string; pattern: string } {
  const parts = named.split('/');
  const first = parts.findIndex(isPattern);
  const folder = parts.slice(0, first).join('/') || (named.startsWith('/') ? '/' : '.');
  return { folder: join(folder), pattern: parts.slice(first).join('/') };
}

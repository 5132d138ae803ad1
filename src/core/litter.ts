/**
 * Returns whether a file is what an operating system leaves behind in folders, by its name: Finder's `.DS_Store` and
 * `._*` (attributes of another file), Explorer's `Thumbs.db` and `desktop.ini`. Nobody means to have these converted.
 */
export function isLitter(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return /^(\.DS_Store|\._.*|Thumbs\.db|desktop\.ini)$/is.test(name);
}

/** The names, for a message about files that were left out. */
export const LITTER_NAMES = '.DS_Store, ._*, Thumbs.db, desktop.ini';

/**
 * Finds paths whose results would have the same name in a folder that ignores letter case and Unicode composition, as
 * the file systems of macOS and Windows do.
 * @returns for each path except the first with its name, that first path
 */
export function collisions(paths: readonly string[]): Map<string, string> {
  const first = new Map<string, string>();
  const colliding = new Map<string, string>();
  for (const path of paths) {
    const name = mergedName(path);
    const other = first.get(name);
    if (other === undefined) first.set(name, path);
    else colliding.set(path, other);
  }
  return colliding;
}

/** Returns the form in which such a folder compares a path. */
export function mergedName(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

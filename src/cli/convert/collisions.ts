/**
 * Finds paths whose results would have one name in a folder that ignores upper and lower case, and how letters are
 * composed, as the file systems of macOS and Windows do.
 * @returns for each path but the first of its name, that first one
 */
export function collisions(paths: readonly string[]): Map<string, string> {
  const first = new Map<string, string>();
  const colliding = new Map<string, string>();
  for (const path of paths) {
    const name = path.normalize('NFC').toLowerCase();
    const other = first.get(name);
    if (other === undefined) first.set(name, path);
    else colliding.set(path, other);
  }
  return colliding;
}

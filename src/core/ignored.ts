/** Names of files that operating systems leave in folders: Finder's, with `._*` for attributes, and Explorer's. */
export const DEFAULT_IGNORED: readonly string[] = ['.DS_Store', '._*', 'Thumbs.db', 'desktop.ini'];

/** The properties of an upload that determine whether it is ignored. */
interface SizedKey {
  key: string;
  bytes: number;
}

/**
 * Returns a function that returns whether an upload has nothing to convert: it is a folder placeholder, or has an
 * ignored name. It is the one definition that the worker and all views share (docs/adr/0023).
 */
export function ignoringUploads(ignore: readonly string[]): (upload: SizedKey) => boolean {
  const isIgnoredName = ignoringNames(ignore);
  return (upload) => isPlaceholder(upload) || isIgnoredName(upload.key);
}

/** Returns whether an upload is a folder placeholder like the S3 console's: no bytes, and a key that ends in `/`. */
export function isPlaceholder({ key, bytes }: SizedKey): boolean {
  return bytes === 0 && key.endsWith('/');
}

/**
 * Returns a function that returns whether the last part of a key or a path matches one of the patterns: `*` matches any
 * characters, `?` matches one, and letter case does not matter.
 */
export function ignoringNames(ignore: readonly string[]): (path: string) => boolean {
  const expression = new RegExp(`^(${ignore.map(sourceOf).join('|')})$`, 'isu');
  return (path) => ignore.length > 0 && expression.test(path.slice(path.lastIndexOf('/') + 1));
}

function sourceOf(pattern: string): string {
  return pattern
    .replaceAll(/[\\^$.+()[\]{}|]/g, String.raw`\$&`)
    .replaceAll(/\*+/g, '.*')
    .replaceAll('?', '.');
}

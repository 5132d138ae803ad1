/** Names of what operating systems leave behind in folders: Finder's, with `._*` for attributes, and Explorer's. */
const NAMES = ['.DS_Store', '._*', 'Thumbs.db', 'desktop.ini'] as const;

/** The names, for a message about files that were left out. */
export const LITTER_NAMES = NAMES.join(', ');

/** Returns whether a file is what an operating system leaves behind, by its name. Nobody means to convert these. */
export function isLitter(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  return NAMES.map((each) => each.toLowerCase()).some((each) =>
    each.endsWith('*') ? name.startsWith(each.slice(0, -1)) : name === each,
  );
}

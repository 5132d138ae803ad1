import { utf8Bytes } from '../../core/keys.ts';
import { suffixOf, prefixOf, renditionsOf } from '../../core/result-keys.ts';
import type { Recipe } from '../../core/recipe.ts';
import { resultNamesOf } from '../../core/rules.ts';
import { mergedName } from './collisions.ts';

/** The longest name that file systems allow. */
const LONGEST_NAME_BYTES = 255;

/** Where the results of files are stored: paths in the result folder, with `/` between the parts. */
export interface ResultPaths {
  /** Returns the paths of a file's results, in the order of its renditions. */
  of(key: string): string[];
  /** Files whose results keep the extension, because their path would be that of another file's result. */
  kept: readonly string[];
  /** Files whose results would still have a path in use, each with what is in the way. */
  colliding: ReadonlyMap<string, string>;
}

/** @param tellsNamesApart whether the result folder distinguishes letter case and Unicode composition */
export function resultPaths(keys: readonly string[], recipe: Recipe, tellsNamesApart: boolean): ResultPaths {
  const { resultName = '{stem}.{extension}' } = recipe;
  const names = resultNamesOf({ ...recipe, resultName: '{key}.{extension}' });
  const namespace = { uploadBuckets: [''], ...names };
  const kept = new Set<string>();

  const nameOf = (key: string, rendition: string) => {
    const ending = suffixOf(key, rendition, names);
    if (resultName === '{key}' || ending === '') return key;
    const named = (resultName === '{stem}.{extension}' && !kept.has(key) ? stemOf(key) : key) + ending;
    return utf8Bytes(lastPartOf(named)) > LONGEST_NAME_BYTES ? key : named;
  };
  const of = (key: string) =>
    renditionsOf(key, names).map((each) => prefixOf('', each, namespace) + nameOf(key, each));
  const asStored = (path: string) => (tellsNamesApart ? path : mergedName(path));
  const folders = new Set(keys.flatMap((key) => of(key).flatMap(foldersOf)).map(asStored));

  /** Returns what cannot be stored: files, each with the path or the other file that is in its way. */
  function findColliding(): Map<string, string> {
    const first = new Map<string, string>();
    const found = new Map<string, string>();
    for (const key of keys)
      for (const path of of(key)) {
        const stored = asStored(path);
        const other = first.get(stored) ?? (folders.has(stored) ? `the folder ${path}` : undefined);
        if (other !== undefined) found.set(key, other);
        else first.set(stored, key);
      }
    return found;
  }

  const known = new Set(keys);
  for (;;) {
    const colliding = findColliding();
    const before = kept.size;
    if (resultName === '{stem}.{extension}')
      for (const key of [...colliding].flat()) if (known.has(key)) kept.add(key);
    if (kept.size > before) continue;
    const isNamed = (key: string) =>
      renditionsOf(key, names).some((rendition) => suffixOf(key, rendition, names) !== '');
    return {
      of,
      kept: keys.filter((key) => kept.has(key) && isNamed(key) && !colliding.has(key)),
      colliding,
    };
  }
}

function lastPartOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Of `a/b.tar.gz`, `a/b.tar`; names that begin with their only dot have no extension. */
function stemOf(key: string): string {
  return key.replace(/(?<=[^/])\.[A-Za-z0-9]{1,16}$/, '');
}

/** Returns the folders on a path. */
function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

import { firstMatch, type KeyPatterns } from './key-patterns.ts';
import { failureKey, type Sources } from './keys.ts';
import type { ObjectRef } from './object-ref.ts';
import type { Extensions } from './result-name.ts';

/** The renditions of a conversion. */
interface Names {
  renditions: readonly string[];
  /** Their results' extensions, by rendition, if result keys end with an extension. */
  extensions?: Extensions | undefined;
}

/**
 * What the results of an upload are called: its key decides, so that listings alone tell which results it should have.
 */
export interface ResultNames extends Names {
  /** The first match for a key decides; the names above are for all other keys. */
  rules?: readonly (KeyPatterns & Names)[] | undefined;
}

/** What determines the parts that a key needs to be unique. */
export type Namespace = Sources & ResultNames;

type Match = (key: string) => Names | undefined;

/** Compiles a namespace's patterns once. */
const matches = new WeakMap<object, Match>();

function namesFor(key: string, names: ResultNames): Names {
  const { rules } = names;
  if (rules === undefined || rules.length === 0) return names;
  const match: Match = matches.get(rules) ?? firstMatch(rules);
  matches.set(rules, match);
  return match(key) ?? names;
}

/** Returns the names of an upload's renditions. */
export function renditionsOf(key: string, names: ResultNames): readonly string[] {
  return namesFor(key, names).renditions;
}

/**
 * The key of a rendition's result: `[{rendition}/][{bucket}/]{key}[.{extension}]`, the first two parts only where there
 * are several, the last if the recipe says so.
 *
 * Injective, because neither rendition names nor bucket names contain a slash, a key has the renditions of only one
 * conversion, and no extension contains a dot: if one result key ends with an extension, all do (docs/adr/0033).
 */
export function resultKey(object: ObjectRef, rendition: string, namespace: Namespace): string {
  return (
    prefixOf(object.bucket, rendition, namespace) + object.key + suffixOf(object.key, rendition, namespace)
  );
}

/** Returns the suffix of a result key after its upload's key: empty, or a dot and an extension. */
export function suffixOf(key: string, rendition: string, names: ResultNames): string {
  return suffixUnder(namesFor(key, names), rendition);
}

function suffixUnder({ extensions = {} }: Names, rendition: string): string {
  return Object.hasOwn(extensions, rendition) ? `.${extensions[rendition]}` : '';
}

/** Returns the prefix of a rendition's result keys. */
export function prefixOf(bucket: string, rendition: string, namespace: Namespace): string {
  return (hasSeveral(namespace) ? `${rendition}/` : '') + failureKey({ bucket, key: '' }, namespace);
}

/** Returns the keys of an upload's results, in the order of its renditions. */
export function resultKeys(object: ObjectRef, namespace: Namespace): string[] {
  return renditionsOf(object.key, namespace).map((rendition) => resultKey(object, rendition, namespace));
}

/** Returns an upload's result keys under all rules, because a different one may have applied to it before. */
export function possibleResultKeys(object: ObjectRef, namespace: Namespace): string[] {
  return [
    ...new Set(
      allNames(namespace).flatMap((names) =>
        names.renditions.map(
          (rendition) =>
            prefixOf(object.bucket, rendition, namespace) + object.key + suffixUnder(names, rendition),
        ),
      ),
    ),
  ];
}

/** Returns the maximum number of results per upload. */
export function maxRenditions(names: ResultNames): number {
  return Math.max(...allNames(names).map(({ renditions }) => renditions.length));
}

/** Returns whether result keys start with the rendition. */
export function hasSeveral(names: ResultNames): boolean {
  return maxRenditions(names) > 1;
}

/** Returns the rendition names of any upload. */
export function allNames(names: ResultNames): Names[] {
  return [names, ...(names.rules ?? [])];
}

import { firstMatch, type KeyPatterns } from './key-patterns.ts';
import { failureKey, type Sources } from './keys.ts';
import type { ObjectRef } from './object-ref.ts';

type Names = KeyPatterns & { renditions: readonly string[] };

/** Which renditions an upload has: its key decides, so that listings alone tell which results it should have. */
export interface ResultNames {
  /** Names of the renditions of uploads that none of the rules matches. */
  renditions: readonly string[];
  /** The first that matches a key decides. */
  rules?: readonly Names[] | undefined;
}

/** What decides which names a key needs to stay unique. */
export type Namespace = Sources & ResultNames;

type Match = (key: string) => { renditions: readonly string[] } | undefined;

/** The patterns of a namespace are compiled once. */
const matches = new WeakMap<object, Match>();

/** Returns the names of an upload's renditions. */
export function renditionsOf(key: string, { renditions, rules }: ResultNames): readonly string[] {
  if (rules === undefined || rules.length === 0) return renditions;
  const match: Match = matches.get(rules) ?? firstMatch(rules);
  matches.set(rules, match);
  return match(key)?.renditions ?? renditions;
}

/** Returns the names of all renditions whose results have names of their own: one place of listings each. */
export function listedRenditions(names: ResultNames): string[] {
  return [...new Set(everyList(names).flat())].slice(0, hasSeveral(names) ? undefined : 1);
}

/**
 * The key of a rendition's result: `[{rendition}/][{bucket}/]{key}`, the parts in brackets only where there are several.
 * Injective, because neither rendition names nor bucket names contain a slash, and a key has the renditions of only one
 * conversion.
 */
export function resultKey(object: ObjectRef, rendition: string, namespace: Namespace): string {
  const prefix = hasSeveral(namespace) ? `${rendition}/` : '';
  return prefix + failureKey(object, namespace);
}

/** The keys of an upload's results, in the order of its renditions. */
export function resultKeys(object: ObjectRef, namespace: Namespace): string[] {
  return renditionsOf(object.key, namespace).map((rendition) => resultKey(object, rendition, namespace));
}

/** Returns the highest number of results that an upload can have. */
export function mostRenditions(names: ResultNames): number {
  return Math.max(...everyList(names).map(({ length }) => length));
}

function hasSeveral(names: ResultNames): boolean {
  return mostRenditions(names) > 1;
}

function everyList({ renditions, rules = [] }: ResultNames): (readonly string[])[] {
  return [renditions, ...rules.map((each) => each.renditions)];
}

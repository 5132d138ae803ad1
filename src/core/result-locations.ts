import type { ObjectRef } from './object-ref.ts';
import { suffixOf, allNames, hasSeveral, prefixOf, renditionsOf, type Namespace } from './result-keys.ts';

/** A part of the result bucket with at most one result of each upload of a bucket. */
export interface ResultLocation {
  rendition: string;
  /** Prefix of all result keys in it. */
  prefix: string;
  /** Whether result keys end with an extension. Their order then differs from the uploads'. */
  hasExtensions: boolean;
  /** Returns the rendition of the result that this upload has here, if it has one. */
  renditionOf(key: string): string | undefined;
  /** Returns the key of this upload's result; undefined if it has none here. */
  nameOf(key: string): string | undefined;
  /** Returns the key of the upload whose result has this key; undefined if no upload's result can have it. */
  keyOf(name: string): string | undefined;
}

/**
 * Returns where the results of a bucket's uploads are: a location for each rendition, or one if each upload has one
 * result.
 */
export function resultLocations(bucket: string, namespace: Namespace): ResultLocation[] {
  const several = hasSeveral(namespace);
  const lists = allNames(namespace);
  const renditions = [...new Set(lists.flatMap((names) => names.renditions))];
  const hasExtensions = lists.some(({ extensions }) => extensions !== undefined);
  return renditions.slice(0, several ? undefined : 1).map((rendition) => {
    const prefix = prefixOf(bucket, rendition, namespace);
    const renditionOf = (key: string) => {
      const own = renditionsOf(key, namespace);
      return several ? own.find((each) => each === rendition) : own[0];
    };
    const nameOf = (key: string) => {
      const own = renditionOf(key);
      if (!hasExtensions) return prefix + key;
      return own === undefined ? undefined : prefix + key + suffixOf(key, own, namespace);
    };
    const keyOf = (name: string) => {
      if (!name.startsWith(prefix)) return undefined;
      if (!hasExtensions) return name.slice(prefix.length);
      const key = name.slice(prefix.length, Math.max(prefix.length, name.lastIndexOf('.')));
      return key !== '' && nameOf(key) === name ? key : undefined;
    };
    return { rendition, prefix, hasExtensions, renditionOf, nameOf, keyOf };
  });
}

/** An upload, and which of its results something is. */
export interface ResultSource extends ObjectRef {
  rendition: string;
}

/** Returns which upload a result is of, by its key; undefined if no result of the pipeline can have the key. */
export function resultSource(key: string, namespace: Namespace): ResultSource | undefined {
  for (const bucket of namespace.uploadBuckets)
    for (const location of resultLocations(bucket, namespace)) {
      const source = location.keyOf(key);
      const rendition = source === undefined ? undefined : location.renditionOf(source);
      if (source !== undefined && rendition !== undefined) return { bucket, key: source, rendition };
    }
  return undefined;
}

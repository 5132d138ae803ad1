import { createHash } from 'node:crypto';
import { defined } from './defined.ts';
import type { ObjectRef } from './object-ref.ts';

/** The user metadata of every object in the result bucket: what it was made from, and how. */
export interface ResultMetadata {
  /** Which source it was made from (`sourceNameOf`); absent in results from before this was written. */
  sourceName?: string;
  /** Version id of the source; absent on unversioned buckets. */
  sourceVersionId?: string;
  /** ETag of the source, without quotes. */
  sourceEtag: string;
  /** Id of the recipe (`recipeId`). */
  recipe: string;
  /** Generation of the recipe's deployment; 0 if the result names none. */
  generation: number;
  /** What the result's bytes were stamped with (`stampOf`). */
  stamp: string;
  rendition: string;
  /** File name extension for this result, if its conversion has one. The result's key may end otherwise. */
  extension?: string;
  /** Pixels; only of images. */
  width?: number;
  height?: number;
}

type Size = Pick<ResultMetadata, 'width' | 'height'>;

/** As S3 user metadata: `x-amz-meta-` plus these names. A conversion can add more metadata, such as an image's size. */
export function writeResultMetadata(metadata: ResultMetadata): Record<string, string> {
  return {
    ...defined({ 'source-name': metadata.sourceName, 'source-version-id': metadata.sourceVersionId }),
    'source-etag': metadata.sourceEtag,
    recipe: metadata.recipe,
    generation: String(metadata.generation),
    stamp: metadata.stamp,
    rendition: metadata.rendition,
    ...defined({
      extension: metadata.extension,
      width: metadata.width?.toString(),
      height: metadata.height?.toString(),
    }),
  };
}

/** Undefined when the object was not written by this pipeline. */
export function readResultMetadata(raw: Record<string, string> | undefined): ResultMetadata | undefined {
  const { 'source-etag': sourceEtag, recipe, generation, stamp, rendition } = raw ?? {};
  const { 'source-version-id': sourceVersionId, 'source-name': sourceName, extension } = raw ?? {};
  if (!sourceEtag || !recipe || !stamp || !rendition) return undefined;
  return {
    sourceEtag,
    recipe,
    generation: Number(generation) || 0,
    stamp,
    rendition,
    ...sizeOf(raw),
    ...defined({ sourceVersionId, sourceName, extension }),
  };
}

/** Returns the width and height that the metadata of an image has, in pixels. */
export function sizeOf({ width, height }: Readonly<Record<string, string>> = {}): Size {
  const pixels = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  return defined({ width: pixels(width), height: pixels(height) });
}

/**
 * Names a source in 43 characters, for a result to say what it was made from. The key of a result alone cannot: it
 * means another source once the pipeline has other upload buckets or renditions. It is a hash, because a key can be
 * longer than the 2 KB that S3 has for metadata.
 */
export function sourceNameOf({ bucket, key }: Pick<ObjectRef, 'bucket' | 'key'>): string {
  return createHash('sha256').update(`${bucket}/${key}`).digest('base64url');
}

/**
 * Returns the text that goes into a result's bytes. It differs between uploads and between generations of the recipe,
 * so their results never have equal ETags (docs/adr/0003, docs/adr/0013).
 * @param upload version id of the source, or a random id if there is none
 */
export function stampOf(upload: string, generation: number): string {
  return `${upload}.${generation}`;
}

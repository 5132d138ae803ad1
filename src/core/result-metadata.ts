import { createHash } from 'node:crypto';
import { defined } from './defined.ts';
import type { ObjectRef } from './object-ref.ts';

/** What a page can use of an image before it loads. Empty for other results. */
export interface Appearance {
  /** In pixels. */
  width?: number;
  height?: number;
  /** `#rrggbb`. Only if the rendition has a `placeholder`, and the image is not all transparent. */
  dominantColor?: string;
  /** In base64. Only if the rendition's `placeholder` is `thumbhash`. https://evanw.github.io/thumbhash */
  thumbhash?: string;
}

/** The user metadata of every object in the result bucket: its source, and how it was made. */
export interface ResultMetadata extends Appearance {
  /** The source that it was made from (`sourceNameOf`). Absent in results of versions that did not record it. */
  sourceName?: string;
  /** Version id of the source. Absent for unversioned buckets. */
  sourceVersionId?: string;
  /** ETag of the source, without quotes. */
  sourceEtag: string;
  /** Id of the recipe (`recipeId`). */
  recipe: string;
  /** Generation of the recipe's deployment; 0 if the result does not record one. */
  generation: number;
  /** Text that no other upload's results have (`stampOf`). In the result's bytes if `stamped`. */
  stamp: string;
  /** Absent in results of versions that did not record it. */
  stamped?: boolean;
  rendition: string;
  /** File name extension, if the conversion sets one. The result's key may end differently. */
  extension?: string;
}

/** S3 user metadata: `x-amz-meta-` plus these names. Conversions can add more. */
export function writeResultMetadata(metadata: ResultMetadata): Record<string, string> {
  return {
    ...defined({ 'source-name': metadata.sourceName, 'source-version-id': metadata.sourceVersionId }),
    'source-etag': metadata.sourceEtag,
    recipe: metadata.recipe,
    generation: String(metadata.generation),
    stamp: metadata.stamp,
    rendition: metadata.rendition,
    ...defined({
      'stamp-in-bytes': metadata.stamped?.toString(),
      extension: metadata.extension,
      width: metadata.width?.toString(),
      height: metadata.height?.toString(),
      'dominant-color': metadata.dominantColor,
      thumbhash: metadata.thumbhash,
    }),
  };
}

/** Returns undefined if this pipeline did not write the object. */
export function readResultMetadata(raw: Record<string, string> | undefined): ResultMetadata | undefined {
  const { 'source-etag': sourceEtag, recipe, generation, stamp, rendition } = raw ?? {};
  const { 'source-version-id': sourceVersionId, 'source-name': sourceName, extension } = raw ?? {};
  const { 'stamp-in-bytes': inBytes } = raw ?? {};
  if (!sourceEtag || !recipe || !stamp || !rendition) return undefined;
  return {
    sourceEtag,
    recipe,
    generation: Number(generation) || 0,
    stamp,
    rendition,
    ...appearanceOf(raw),
    ...defined({ sourceVersionId, sourceName, extension }),
    ...(inBytes === undefined ? {} : { stamped: inBytes === 'true' }),
  };
}

/** Returns an image's appearance, as its S3 user metadata describes it. */
export function appearanceOf(raw: Readonly<Record<string, string>> = {}): Appearance {
  const { width, height, 'dominant-color': dominantColor, thumbhash } = raw;
  // A custom conversion can have its own metadata with these names, such as `210mm`.
  const pixels = (text = '') => (/^\d{1,9}$/.test(text) ? Number(text) : undefined);
  return defined({ width: pixels(width), height: pixels(height), dominantColor, thumbhash });
}

/** Returns the part of a result's metadata that is about the image. */
export function appearanceIn({ width, height, dominantColor, thumbhash }: ResultMetadata): Appearance {
  return defined({ width, height, dominantColor, thumbhash });
}

/**
 * Returns a name for a source, 43 characters long, that its results carry. A result's key alone does not identify its
 * source: it belongs to a different one after the pipeline's upload buckets or renditions change. The name is a hash,
 * because bucket and key together can be longer than S3 allows for metadata (2 KB).
 */
export function sourceNameOf({ bucket, key }: Pick<ObjectRef, 'bucket' | 'key'>): string {
  return createHash('sha256').update(`${bucket}/${key}`).digest('base64url');
}

/**
 * Returns the text to embed in a result's bytes. It differs between uploads and between generations of the recipe, so
 * their results never have equal ETags (docs/adr/0003, docs/adr/0013).
 * @param upload version id of the source, or a random id if there is none
 */
export function stampOf(upload: string, generation: number): string {
  return `${upload}.${generation}`;
}

import { HeadObjectCommand, ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Message } from '@aws-sdk/client-sqs';
import { parseRecipe, recipeId } from '../../src/core/recipe.ts';
import { readResultMetadata } from '../../src/core/result-metadata.ts';
import { objectsOf, reasonFor } from '../../src/ops/dead-letters/reason.ts';
import { objectStatus } from '../../src/ops/object-status.ts';
import { read } from '../support/pipeline.ts';
import type { KeyAtEnd } from './history.ts';
import { colourOf } from './upload.ts';

/** Lossless, so that a result's pixels identify its source's contents. */
export const RECIPE_JSON = JSON.stringify({ renditions: [{ name: 'same', format: 'png' }] });
export const BUCKETS = { uploadBuckets: ['uploads'], resultBucket: 'results', failureBucket: 'failures' };

/** Reads every key, its versions and its results, as any S3 client could. */
export async function keysAtEnd(s3: S3Client, deadLetters: readonly Message[]): Promise<KeyAtEnd[]> {
  const [uploads, results] = [await versionsOf(s3, 'uploads'), await versionsOf(s3, 'results')];
  const codes = await codesByKey(s3, deadLetters);
  const recipe = parseRecipe(RECIPE_JSON);
  const renditions = recipe.renditions.map(({ name }) => name);
  const scope = { ...BUCKETS, renditions, recipeId: recipeId(recipe), generation: 1, ignore: [] };
  const ends: KeyAtEnd[] = [];
  for (const [key, { versions, deleteMarkers, deleted }] of uploads) {
    const made = results.get(key)?.versions ?? [];
    const sources = await Promise.all(made.map((versionId) => sourceOf(s3, key, versionId)));
    const colour = await currentColour(s3, key);
    ends.push({
      key,
      uploads: versions,
      deleteMarkers,
      deleted,
      results: sources.map((sourceVersionId, index) => ({
        sourceVersionId,
        ...(index === sources.length - 1 ? { colour } : {}),
      })),
      status: await objectStatus(s3, scope, { bucket: 'uploads', key }),
      deadLetters: codes.get(key) ?? [],
    });
  }
  return ends;
}

interface Versions {
  versions: string[];
  deleteMarkers: string[];
  deleted: boolean;
}

async function versionsOf(s3: S3Client, Bucket: string): Promise<Map<string, Versions>> {
  const byKey = new Map<string, Versions>();
  const ofKey = (key: string) => {
    const known = byKey.get(key) ?? { versions: [], deleteMarkers: [], deleted: false };
    byKey.set(key, known);
    return known;
  };
  let from: { KeyMarker?: string; VersionIdMarker?: string } = {};
  for (let more = true; more;) {
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket, ...from }));
    // The newest are first.
    for (const { Key = '', VersionId = '' } of page.Versions ?? []) ofKey(Key).versions.unshift(VersionId);
    for (const { Key = '', VersionId = '', IsLatest = false } of page.DeleteMarkers ?? []) {
      ofKey(Key).deleteMarkers.unshift(VersionId);
      ofKey(Key).deleted ||= IsLatest;
    }
    more = page.IsTruncated ?? false;
    from = { KeyMarker: page.NextKeyMarker ?? '', VersionIdMarker: page.NextVersionIdMarker ?? '' };
  }
  return byKey;
}

async function sourceOf(s3: S3Client, Key: string, VersionId: string): Promise<string | undefined> {
  const { Metadata } = await s3.send(new HeadObjectCommand({ Bucket: 'results', Key, VersionId }));
  return readResultMetadata(Metadata)?.sourceVersionId;
}

async function currentColour(s3: S3Client, key: string): Promise<number | undefined> {
  const result = await read(s3, 'results', key);
  return result === undefined ? undefined : colourOf(result.bytes);
}

async function codesByKey(s3: S3Client, deadLetters: readonly Message[]): Promise<Map<string, string[]>> {
  const codes = new Map<string, string[]>();
  for (const letter of deadLetters) {
    for (const object of objectsOf(letter)) {
      const { code } = await reasonFor(letter, object, s3, BUCKETS);
      codes.set(object.key, [...(codes.get(object.key) ?? []), code]);
    }
  }
  return codes;
}

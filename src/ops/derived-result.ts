import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { defined } from '../core/defined.ts';
import type { FailureReport } from '../core/failure-report.ts';
import type { ObjectRef } from '../core/object-ref.ts';
import type { StoredResult } from '../core/outcome.ts';
import { appearanceIn, readResultMetadata } from '../core/result-metadata.ts';
import { freshnessOf, type DeployedRecipe } from '../core/result-freshness.ts';
import { versionIdOf, type SourceIdentity } from '../core/source.ts';

/** A result that derives from the current source. */
export interface DerivedResult {
  stored: StoredResult;
  /** Made under an older recipe than the deployed recipe. */
  stale: boolean;
  /** Milliseconds since the epoch. */
  at: number;
}

/** Describes a stored object by its metadata if it is a result of the current source; otherwise returns undefined. */
export function derivedResult(
  key: string,
  result: HeadObjectCommandOutput | undefined,
  object: Pick<ObjectRef, 'bucket' | 'key'>,
  source: HeadObjectCommandOutput,
  deployed: DeployedRecipe,
): DerivedResult | undefined {
  const metadata = readResultMetadata(result?.Metadata);
  if (result === undefined || metadata === undefined) return undefined;
  const at = dateOf(result);
  const freshness = freshnessOf(metadata, object, identityOf(source), deployed);
  if (freshness.upload === 'other') return undefined;
  // Without versions, equal contents look alike; a result older than the upload derives from an earlier upload.
  if (freshness.upload === 'maybe same' && at < dateOf(source)) return undefined;
  const { rendition } = metadata;
  const { ContentType: contentType = '', ContentLength: bytes = 0 } = result;
  return {
    stored: { rendition, key, contentType, bytes, ...appearanceIn(metadata) },
    stale: freshness.recipe === 'older',
    at,
  };
}

/** Returns whether a report is about the current source. Without versions, this depends on the ETag and the date. */
export function isAbout({ source: reported }: FailureReport, source: HeadObjectCommandOutput): boolean {
  const { versionId, etag } = identityOf(source);
  if (versionId !== undefined || reported.versionId !== undefined) return reported.versionId === versionId;
  return reported.etag === etag && Date.parse(reported.lastModified) === dateOf(source);
}

function identityOf({
  ETag,
  VersionId,
}: HeadObjectCommandOutput): Pick<SourceIdentity, 'etag' | 'versionId'> {
  return defined({ etag: ETag ?? '', versionId: versionIdOf(VersionId) });
}

function dateOf({ LastModified }: HeadObjectCommandOutput): number {
  return LastModified?.getTime() ?? 0;
}

import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import type { FailureReport } from '../core/failure-report.ts';
import type { StoredResult } from '../core/outcome.ts';
import { readResultMetadata } from '../core/result-metadata.ts';

/** A result that derives from the current source. */
export interface DerivedResult {
  stored: StoredResult;
  /** Made under another recipe than the one in force. */
  stale: boolean;
  /** Milliseconds since the epoch. */
  at: number;
}

/** Returns what a stored object says of itself if it is a result of the current source; undefined otherwise. */
export function derivedResult(
  key: string,
  result: HeadObjectCommandOutput | undefined,
  source: HeadObjectCommandOutput,
  recipeId: string,
): DerivedResult | undefined {
  const metadata = readResultMetadata(result?.Metadata);
  if (result === undefined || metadata === undefined) return undefined;
  const at = dateOf(result);
  const versionId = versionOf(source);
  if (metadata.sourceVersionId !== versionId) return undefined;
  // Without versions equal contents look alike; a result that is older than the upload is of one before it.
  const mayDerive = metadata.sourceEtag === source.ETag?.replaceAll('"', '') && at >= dateOf(source);
  if (versionId === undefined && !mayDerive) return undefined;
  const { rendition, width, height } = metadata;
  const { ContentType: contentType = '', ContentLength: bytes = 0 } = result;
  return {
    stored: { rendition, key, contentType, bytes, width, height },
    stale: metadata.recipe !== recipeId,
    at,
  };
}

/** Whether a report is about the current source. Without versions only ETag and date can tell. */
export function isAbout({ source: reported }: FailureReport, source: HeadObjectCommandOutput): boolean {
  const versionId = versionOf(source);
  if (reported.versionId !== versionId) return false;
  if (versionId !== undefined) return true;
  return reported.etag === source.ETag && Date.parse(reported.lastModified) === dateOf(source);
}

/** Objects from before versioning, or stored while it is suspended, have the version `null`: that names nothing. */
function versionOf({ VersionId }: HeadObjectCommandOutput): string | undefined {
  return VersionId === 'null' ? undefined : VersionId;
}

function dateOf({ LastModified }: HeadObjectCommandOutput): number {
  return LastModified?.getTime() ?? 0;
}

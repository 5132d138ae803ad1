import type { S3Client } from '@aws-sdk/client-s3';
import { defined } from '../../core/defined.ts';
import { readResultMetadata, sourceNameOf } from '../../core/result-metadata.ts';
import { versionIdOf } from '../../core/source.ts';
import { getReport, head } from '../object-status.ts';
import type { Orphan, Unknown } from './orphan.ts';

type Candidate = Pick<Orphan, 'bucket' | 'key' | 'source'>;

/**
 * Returns whether an object in the result bucket is an orphan. Returns undefined if the object was deleted or its
 * source uploaded again since the listing.
 */
export async function confirmResult(
  s3: S3Client,
  candidate: Candidate,
): Promise<Orphan | Unknown | undefined> {
  const result = await head(s3, candidate.bucket, candidate.key);
  if (result === undefined) return undefined;
  // Of any rendition: a former rule may have given its name to another one.
  const metadata = readResultMetadata(result.Metadata);
  if (metadata?.sourceName !== sourceNameOf(candidate.source)) return unknown(candidate);
  if (await isThere(s3, candidate)) return undefined;
  const { ETag: etag = '', ContentLength: bytes = 0, VersionId } = result;
  return defined({
    type: 'orphan',
    kind: 'result',
    ...candidate,
    bytes,
    etag,
    versionId: versionIdOf(VersionId),
  });
}

/** Returns the same for an object in the failure bucket. */
export async function confirmReport(
  s3: S3Client,
  { bytes, ...candidate }: Candidate & Pick<Orphan, 'bytes'>,
): Promise<Orphan | Unknown | undefined> {
  const stored = await getReport(s3, candidate.bucket, candidate.key);
  if (stored === undefined) return undefined;
  const { report, etag, versionId } = stored;
  const { bucket, key } = candidate.source;
  if (report?.bucket !== bucket || report.key !== key) return unknown(candidate);
  if (await isThere(s3, candidate)) return undefined;
  return defined({ type: 'orphan', kind: 'report', ...candidate, bytes, etag, versionId, report });
}

async function isThere(s3: S3Client, { source }: Candidate): Promise<boolean> {
  return (await head(s3, source.bucket, source.key)) !== undefined;
}

function unknown({ bucket, key, source }: Candidate): Unknown {
  return { type: 'unknown', bucket, key, source };
}

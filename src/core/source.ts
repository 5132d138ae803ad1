/** Identifies an upload: the source of a result or a failure report. */
export interface SourceIdentity {
  etag: string;
  /** Absent in a bucket that never had versioning, and for objects from before it (`null` versions). */
  versionId?: string;
  /** ISO 8601, in whole seconds as in S3. */
  lastModified: string;
}

/**
 * Returns the version id that S3 gave an upload. Returns undefined for `null` and for an empty id: on a bucket without
 * versioning, or with versioning suspended, the next upload of the key has the same id.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/VersionSuspendedBehavior.html
 */
export function versionIdOf(text: string | null | undefined): string | undefined {
  return text === null || text === '' || text === 'null' ? undefined : text;
}

/**
 * Whether both are certainly the same upload. Without version ids nothing is certain:
 * the same bytes uploaded twice within a second look alike, and skipping the second can lose it (docs/adr/0003).
 */
export function certainlySameUpload(a: { versionId?: string }, b: { versionId?: string }): boolean {
  return a.versionId !== undefined && a.versionId === b.versionId;
}

/**
 * Whether both look like the same upload: good enough for reports and status, and for a second look, which needs to
 * know equal content only (docs/adr/0025). Not for skipping a conversion.
 */
export function apparentlySameUpload(a: SourceIdentity, b: SourceIdentity): boolean {
  return a.versionId === b.versionId && a.etag === b.etag && a.lastModified === b.lastModified;
}

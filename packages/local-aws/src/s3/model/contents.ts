import type { Part } from '../multipart.ts';
import type { Segment, Version } from '../version.ts';
import type { S3State } from './state.ts';
import { abortUpload } from './uploads.ts';
import { removeVersion } from './versions.ts';

export interface StoredContent {
  /** For people. */
  name: string;
  segments: readonly Segment[];
  /** Its entry in the journal. */
  entry: Version | Part;
  /** Removes the version, or the part's upload. */
  discard(): void;
}

/** Yields everything that has content: versions, and parts of incomplete uploads. */
export function* contents(state: S3State): Iterable<StoredContent> {
  for (const bucket of state.buckets.values())
    for (const versions of bucket.versions.values())
      for (const entry of versions)
        if (!entry.deleteMarker)
          yield {
            name: `${bucket.name}/${entry.key}${entry.versionId === 'null' ? '' : ` (version ${entry.versionId})`}`,
            segments: entry.segments,
            entry,
            discard: () => removeVersion(state, bucket, entry),
          };
  for (const upload of state.uploads.values())
    for (const entry of upload.parts.values())
      yield {
        name: `part ${entry.number} of ${upload.bucket}/${upload.key}`,
        segments: entry.segments,
        entry,
        discard: () => state.uploads.has(upload.id) && abortUpload(state, upload),
      };
}

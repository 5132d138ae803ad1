import { newest, type Bucket } from '../bucket.ts';
import { checkWrite, type WriteConditions } from '../conditions.ts';
import type { Version } from '../version.ts';
import { notify } from './notify.ts';
import type { S3State } from './state.ts';
import { addMarker, markDeleted, removeVersion } from './versions.ts';

export interface Deleted {
  /** The id of the removed version or the new delete marker. */
  versionId?: string;
  deleteMarker: boolean;
}

/** Deletes the named version, otherwise the object; a versioned bucket gets a delete marker. */
export function deleteObject(
  state: S3State,
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
  conditions: WriteConditions,
): Deleted {
  const current = newest(bucket, key);
  if (conditions.ifMatch !== undefined) checkWrite(conditions, current, key);
  if (versionId !== undefined) {
    const version = bucket.versions.get(key)?.find((each) => each.versionId === versionId);
    if (version === undefined) return { versionId, deleteMarker: false };
    removeForGood(state, bucket, version);
    return { versionId, deleteMarker: version.deleteMarker };
  }
  if (bucket.settings.versioning === undefined) {
    if (current !== undefined) removeForGood(state, bucket, current);
    return { deleteMarker: false };
  }
  const marker = addMarker(state, bucket, key);
  notify(state, bucket, marker, 'ObjectRemoved:DeleteMarkerCreated');
  return { versionId: marker.versionId, deleteMarker: true };
}

function removeForGood(state: S3State, bucket: Bucket, version: Version): void {
  markDeleted(state, bucket, version.key);
  removeVersion(state, bucket, version);
  notify(state, bucket, version, 'ObjectRemoved:Delete');
}

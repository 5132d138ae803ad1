import type { Bucket } from '../bucket.ts';
import { dueVersions, isAbandoned } from '../lifecycle.ts';
import type { Version } from '../version.ts';
import { notify } from './notify.ts';
import type { S3State } from './state.ts';
import { abortUpload, uploadsOf } from './uploads.ts';
import { addMarker, markDeleted, removeVersion } from './versions.ts';

/** Applies the lifecycle rules of a bucket. */
export function* expire(state: S3State, bucket: Bucket): Iterable<void> {
  const { lifecycle = [] } = bucket.settings;
  if (lifecycle.length === 0) return;
  const { ranSince } = state.clock;
  for (const upload of uploadsOf(state, bucket)) {
    if (!isAbandoned(lifecycle, upload, ranSince)) continue;
    abortUpload(state, upload);
    yield;
  }
  for (const [key, versions] of bucket.versions) {
    const { noncurrent, current } = dueVersions(lifecycle, key, versions, ranSince);
    for (const version of noncurrent) remove(state, bucket, version);
    if (current !== undefined) expireCurrent(state, bucket, current);
    if (noncurrent.length > 0 || current !== undefined) yield;
  }
}

function expireCurrent(state: S3State, bucket: Bucket, current: Version): void {
  if (!current.deleteMarker && bucket.settings.versioning !== undefined) {
    const marker = addMarker(state, bucket, current.key);
    notify(state, bucket, marker, 'LifecycleExpiration:DeleteMarkerCreated');
    return;
  }
  markDeleted(state, bucket, current.key);
  remove(state, bucket, current);
}

function remove(state: S3State, bucket: Bucket, version: Version): void {
  removeVersion(state, bucket, version);
  notify(state, bucket, version, 'LifecycleExpiration:Delete');
}

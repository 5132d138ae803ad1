import { AwsError } from '../../aws-error.ts';
import { newest, type Bucket } from '../bucket.ts';
import type { Version } from '../version.ts';

/** Returns a key's current version, or the named version. */
export function findVersion(bucket: Bucket, key: string, versionId?: string): Version {
  return versionId === undefined ? currentVersion(bucket, key) : namedVersion(bucket, key, versionId);
}

function currentVersion(bucket: Bucket, key: string): Version {
  const current = newest(bucket, key);
  if (current !== undefined && !current.deleteMarker) return current;
  const headers =
    current === undefined ? {} : { 'x-amz-delete-marker': 'true', 'x-amz-version-id': current.versionId };
  throw new AwsError('NoSuchKey', 404, 'The specified key does not exist.', { Key: key }, headers);
}

function namedVersion(bucket: Bucket, key: string, versionId: string): Version {
  const version = bucket.versions.get(key)?.find((each) => each.versionId === versionId);
  if (version === undefined) {
    throw new AwsError('NoSuchVersion', 404, 'The specified version does not exist.', {
      Key: key,
      VersionId: versionId,
    });
  }
  if (version.deleteMarker) {
    throw new AwsError(
      'MethodNotAllowed',
      405,
      'The specified method is not allowed against this resource.',
      { Key: key },
      { 'x-amz-delete-marker': 'true', 'x-amz-version-id': versionId, allow: 'DELETE' },
    );
  }
  return version;
}

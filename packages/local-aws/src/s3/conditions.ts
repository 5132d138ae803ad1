import { AwsError } from '../aws-error.ts';
import type { Version } from './version.ts';

/** The conditions of a write. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
export interface WriteConditions {
  /** An ETag, or `*` for any. */
  ifMatch?: string;
  /** Only `*` is possible. */
  ifNoneMatch?: string;
}

/**
 * Checks the conditions of a write against the key's current object.
 * @throws AwsError PreconditionFailed, NoSuchKey
 */
export function checkWrite(
  { ifMatch, ifNoneMatch }: WriteConditions,
  current: Version | undefined,
  key: string,
): void {
  const present = current !== undefined && !current.deleteMarker;
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch !== '*')
      throw new AwsError('NotImplemented', 501, 'If-None-Match takes only * on a write.');
    if (present) throw preconditionFailed('If-None-Match');
  }
  if (ifMatch !== undefined) {
    if (!present) throw new AwsError('NoSuchKey', 404, 'The specified key does not exist.', { Key: key });
    if (!matches(ifMatch, current.etag)) throw preconditionFailed('If-Match');
  }
}

export interface ReadConditions extends WriteConditions {
  ifModifiedSince?: string;
  ifUnmodifiedSince?: string;
}

/**
 * Checks the conditions of a read against a version, in the order of RFC 9110.
 * @returns `not modified`, for a 304
 * @throws AwsError PreconditionFailed
 */
export function checkRead(
  conditions: ReadConditions,
  { etag, lastModified }: Version,
): 'read' | 'not modified' {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  // Header dates have whole seconds.
  const seconds = Math.floor(lastModified / 1000) * 1000;
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, etag)) throw preconditionFailed('If-Match');
  } else if (ifUnmodifiedSince !== undefined && seconds > Date.parse(ifUnmodifiedSince)) {
    throw preconditionFailed('If-Unmodified-Since');
  }
  if (ifNoneMatch !== undefined) return matches(ifNoneMatch, etag) ? 'not modified' : 'read';
  return ifModifiedSince !== undefined && seconds <= Date.parse(ifModifiedSince) ? 'not modified' : 'read';
}

function matches(condition: string, etag: string): boolean {
  return condition.split(',').some((each) => {
    const wanted = each.trim().replace(/^W\//, '').replaceAll('"', '');
    return wanted === '*' || wanted === etag;
  });
}

export function preconditionFailed(condition: string): AwsError {
  return new AwsError(
    'PreconditionFailed',
    412,
    'At least one of the pre-conditions you specified did not hold',
    {
      Condition: condition,
    },
  );
}

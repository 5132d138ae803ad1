import { AwsError } from '../aws-error.ts';
import { header, type S3Request } from './http/request.ts';
import type { Operation } from './operation.ts';
import * as lifecycle from './operations/bucket-lifecycle.ts';
import * as settings from './operations/bucket-settings.ts';
import * as buckets from './operations/buckets.ts';
import * as lists from './operations/lists.ts';
import * as multipart from './operations/multipart.ts';
import * as deletes from './operations/object-delete.ts';
import * as reads from './operations/object-read.ts';
import * as writes from './operations/object-write.ts';
import { postObject } from './operations/post-object.ts';

/** A method, and the query parameter that names the sub-resource, if any. */
type Route = `${string} ${string}`;

const BUCKET: Readonly<Record<Route, Operation>> = {
  'PUT ': buckets.createBucket,
  'HEAD ': buckets.headBucket,
  'DELETE ': buckets.deleteBucket,
  'GET ': lists.listObjectsV1,
  'GET list-type': lists.listObjectsV2,
  'GET versions': lists.listObjectVersions,
  'GET uploads': lists.listMultipartUploads,
  'GET location': buckets.getBucketLocation,
  'GET versioning': settings.getBucketVersioning,
  'PUT versioning': settings.putBucketVersioning,
  'GET cors': settings.getBucketCors,
  'PUT cors': settings.putBucketCors,
  'DELETE cors': settings.deleteBucketCors,
  'GET lifecycle': lifecycle.getBucketLifecycle,
  'PUT lifecycle': lifecycle.putBucketLifecycle,
  'DELETE lifecycle': lifecycle.deleteBucketLifecycle,
  'GET notification': settings.getBucketNotification,
  'PUT notification': settings.putBucketNotification,
  'POST delete': deletes.deleteObjects,
  'POST ': postObject,
};

const OBJECT: Readonly<Record<Route, Operation>> = {
  'GET ': reads.getObject,
  'HEAD ': reads.headObject,
  'PUT ': writes.putObject,
  'PUT copy': writes.copyObject,
  'DELETE ': deletes.deleteObject,
  'POST uploads': multipart.createMultipartUpload,
  'PUT uploadId': multipart.uploadPart,
  'PUT uploadId copy': multipart.uploadPartCopy,
  'POST uploadId': multipart.completeMultipartUpload,
  'DELETE uploadId': multipart.abortMultipartUpload,
  'GET uploadId': multipart.listParts,
  'GET tagging': reads.getObjectTagging,
};

/** Parameters of operations, which never identify the operation. */
const PLAIN_PARAMETERS = new Set(
  (
    'prefix delimiter max-keys marker encoding-type continuation-token start-after fetch-owner ' +
    'key-marker version-id-marker upload-id-marker max-uploads max-parts part-number-marker ' +
    'versionId partNumber x-id AWSAccessKeyId Expires Signature'
  ).split(' '),
);

/**
 * Returns the operation that a request names. @throws AwsError NotImplemented that names what is missing,
 * MethodNotAllowed
 */
export function route(request: S3Request): Operation {
  const { method, bucket, key } = request;
  if (bucket === undefined) {
    if (method === 'GET') return buckets.listBuckets;
    throw new AwsError('MethodNotAllowed', 405, 'The specified method is not allowed against this resource.');
  }
  const resources = [...request.query.keys()].filter((name) => !isPlain(name));
  const copy = key !== undefined && method === 'PUT' && header(request, 'x-amz-copy-source') !== undefined;
  const name: Route = `${method} ${[...new Set(resources), ...(copy ? ['copy'] : [])].join(' ')}`;
  const operation = (key === undefined ? BUCKET : OBJECT)[name];
  if (operation !== undefined) return operation;
  const what =
    resources.length === 0
      ? `${method} on ${key === undefined ? 'a bucket' : 'an object'}`
      : `${method} ?${resources.join('&')}`;
  throw new AwsError(
    'NotImplemented',
    501,
    `A request you provided implies functionality that is not implemented: ${what}.`,
  );
}

function isPlain(name: string): boolean {
  return (
    PLAIN_PARAMETERS.has(name) || name.startsWith('response-') || name.toLowerCase().startsWith('x-amz-')
  );
}

import { defined } from '../../defined.ts';
import { AwsError } from '../../aws-error.ts';
import { numberParameter, type S3Request } from '../http/request.ts';
import { xmlTime } from '../http/xml.ts';
import { listObjects, listVersions } from '../listing.ts';
import { bucketOf, xmlAnswer, type Operation } from '../operation.ts';
import { compareUtf8 } from '../utf8-order.ts';
import type { Version } from '../version.ts';

const PAGE = 1000;
const OWNER = { ID: 'local', DisplayName: 'local' };

/** Reads the parameters of every listing. `shown` encodes keys as the client requested. */
function common(request: S3Request) {
  const { query } = request;
  const encoding = query.get('encoding-type') ?? '';
  if (encoding !== '' && encoding !== 'url')
    throw new AwsError('InvalidArgument', 400, 'Invalid Encoding Method specified in Request');
  const shown = (key: string) => (encoding === 'url' ? encodeURIComponent(key).replaceAll('%2F', '/') : key);
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    encoding: encoding === '' ? undefined : encoding,
    shown,
  };
}

function entry({ key, lastModified, etag, bytes, checksum }: Version, shown: (key: string) => string) {
  return {
    Key: shown(key),
    LastModified: xmlTime(lastModified),
    ETag: `"${etag}"`,
    ...defined({ ChecksumAlgorithm: checksum?.algorithm }),
    Size: bytes,
    StorageClass: 'STANDARD',
  };
}

export const listObjectsV2: Operation = (request, context) => {
  const bucket = bucketOf(request, context);
  const { query } = request;
  const { prefix, delimiter, encoding, shown } = common(request);
  const max = numberParameter(request, 'max-keys', PAGE, PAGE);
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after') ?? '';
  const after = token === null ? startAfter : readToken(token);
  const { items, commonPrefixes, next } = listObjects(bucket, { prefix, delimiter, after, max });
  return xmlAnswer('ListBucketResult', {
    Name: bucket.name,
    Prefix: shown(prefix),
    ...(delimiter === '' ? {} : { Delimiter: shown(delimiter) }),
    MaxKeys: max,
    EncodingType: encoding,
    KeyCount: items.length + commonPrefixes.length,
    IsTruncated: next !== undefined,
    ...(token === null ? {} : { ContinuationToken: token }),
    ...(startAfter === '' ? {} : { StartAfter: shown(startAfter) }),
    ...defined({ NextContinuationToken: next && Buffer.from(next).toString('base64url') }),
    Contents: items.map((version) => ({
      ...entry(version, shown),
      ...(query.get('fetch-owner') === 'true' ? { Owner: OWNER } : {}),
    })),
    CommonPrefixes: commonPrefixes.map((each) => ({ Prefix: shown(each) })),
  });
};

function readToken(token: string): string {
  const key = Buffer.from(token, 'base64url').toString();
  if (token === '' || Buffer.from(key).toString('base64url') !== token) {
    throw new AwsError('InvalidArgument', 400, 'The continuation token provided is incorrect', {
      ArgumentName: 'continuation-token',
    });
  }
  return key;
}

/** The older operation, which some clients still use. */
export const listObjectsV1: Operation = (request, context) => {
  const bucket = bucketOf(request, context);
  const { prefix, delimiter, encoding, shown } = common(request);
  const max = numberParameter(request, 'max-keys', PAGE, PAGE);
  const marker = request.query.get('marker') ?? '';
  const { items, commonPrefixes, next } = listObjects(bucket, { prefix, delimiter, after: marker, max });
  return xmlAnswer('ListBucketResult', {
    Name: bucket.name,
    Prefix: shown(prefix),
    Marker: shown(marker),
    ...(delimiter === '' ? {} : { Delimiter: shown(delimiter) }),
    MaxKeys: max,
    EncodingType: encoding,
    IsTruncated: next !== undefined,
    ...(next === undefined || delimiter === '' ? {} : { NextMarker: shown(next) }),
    Contents: items.map((version) => ({ ...entry(version, shown), Owner: OWNER })),
    CommonPrefixes: commonPrefixes.map((each) => ({ Prefix: shown(each) })),
  });
};

export const listObjectVersions: Operation = (request, context) => {
  const bucket = bucketOf(request, context);
  const { query } = request;
  const { prefix, delimiter, encoding, shown } = common(request);
  const max = numberParameter(request, 'max-keys', PAGE, PAGE);
  const keyMarker = query.get('key-marker') ?? '';
  const versionIdMarker = query.get('version-id-marker') ?? '';
  if (versionIdMarker !== '' && keyMarker === '') {
    throw new AwsError(
      'InvalidArgument',
      400,
      'A version-id marker cannot be specified without a key marker.',
    );
  }
  const { items, commonPrefixes, next } = listVersions(bucket, {
    prefix,
    delimiter,
    keyMarker,
    versionIdMarker,
    max,
  });
  const shared = ({ key, versionId, isLatest, lastModified }: (typeof items)[number]) => ({
    Key: shown(key),
    VersionId: versionId,
    IsLatest: isLatest,
    LastModified: xmlTime(lastModified),
    Owner: OWNER,
  });
  return xmlAnswer('ListVersionsResult', {
    Name: bucket.name,
    Prefix: shown(prefix),
    KeyMarker: shown(keyMarker),
    VersionIdMarker: versionIdMarker,
    ...(delimiter === '' ? {} : { Delimiter: shown(delimiter) }),
    MaxKeys: max,
    EncodingType: encoding,
    IsTruncated: next !== undefined,
    ...(next === undefined
      ? {}
      : {
          NextKeyMarker: shown(next.key),
          ...(next.versionId === '' ? {} : { NextVersionIdMarker: next.versionId }),
        }),
    Version: items
      .filter(({ deleteMarker }) => !deleteMarker)
      .map((item) => ({ ...entry(item, shown), ...shared(item) })),
    DeleteMarker: items.filter(({ deleteMarker }) => deleteMarker).map(shared),
    CommonPrefixes: commonPrefixes.map((each) => ({ Prefix: shown(each) })),
  });
};

export const listMultipartUploads: Operation = (request, context) => {
  const bucket = bucketOf(request, context);
  const { prefix, delimiter, encoding, shown } = common(request);
  if (delimiter !== '')
    throw new AwsError(
      'NotImplemented',
      501,
      'This local S3 lists multipart uploads without a delimiter only.',
    );
  const max = numberParameter(request, 'max-uploads', PAGE, PAGE);
  const keyMarker = request.query.get('key-marker') ?? '';
  const idMarker = request.query.get('upload-id-marker') ?? '';
  const all = context.model
    .uploads(bucket)
    .filter(({ key }) => key.startsWith(prefix))
    .toSorted((a, b) => compareUtf8(a.key, b.key) || compareUtf8(a.id, b.id))
    .filter(({ key, id }) => {
      const order = compareUtf8(key, keyMarker);
      return (
        keyMarker === '' || order > 0 || (order === 0 && idMarker !== '' && compareUtf8(id, idMarker) > 0)
      );
    });
  const page = all.slice(0, max);
  const last = page.at(-1);
  const more = all.length > page.length && last !== undefined;
  return xmlAnswer('ListMultipartUploadsResult', {
    Bucket: bucket.name,
    KeyMarker: shown(keyMarker),
    UploadIdMarker: idMarker,
    Prefix: shown(prefix),
    MaxUploads: max,
    EncodingType: encoding,
    IsTruncated: more,
    ...(more ? { NextKeyMarker: shown(last.key), NextUploadIdMarker: last.id } : {}),
    Upload: page.map(({ key, id, initiatedAt }) => ({
      Key: shown(key),
      UploadId: id,
      Initiator: OWNER,
      Owner: OWNER,
      StorageClass: 'STANDARD',
      Initiated: xmlTime(initiatedAt),
    })),
  });
};

import { defined } from '../../defined.ts';
import { AwsError } from '../../aws-error.ts';
import { checkRead, preconditionFailed } from '../conditions.ts';
import { checksumOf } from '../checksums.ts';
import type { Bucket } from '../bucket.ts';
import { receiveContent } from '../http/body.ts';
import { checksumElements, checksumHeaders, wantedAlgorithm } from '../http/checksum.ts';
import { readDescriptive } from '../http/descriptive.ts';
import { header, type S3Request } from '../http/request.ts';
import { xmlTime } from '../http/xml.ts';
import { openRange } from '../open-range.ts';
import { readConditions } from './object-read.ts';
import { writeObject, type Target } from '../write-object.ts';
import {
  bucketOf,
  keyOf,
  versionHeader,
  writeConditions,
  xmlAnswer,
  type Operation,
  type OperationContext,
} from '../operation.ts';
import type { Checksum, ChecksumAlgorithm, Content, Version } from '../version.ts';

export const putObject: Operation = async (request, context) => {
  const bucket = bucketOf(request, context);
  const descriptive = readDescriptive(request);
  const version = await writeObject(context, targetOf(request, context), async () => ({
    ...(await receiveContent(request, context)),
    ...descriptive,
    event: 'ObjectCreated:Put',
  }));
  return {
    status: 200,
    headers: {
      etag: `"${version.etag}"`,
      ...versionHeader(bucket, version.versionId),
      ...(version.checksum === undefined ? {} : checksumHeaders(version.checksum)),
    },
  };
};

/** Returns where a request writes, and under which conditions. @param key by default, the request's key */
export function targetOf(request: S3Request, context: OperationContext, key = keyOf(request)): Target {
  return { bucket: bucketOf(request, context), key, conditions: writeConditions(request) };
}

export const copyObject: Operation = async (request, context) => {
  const bucket = bucketOf(request, context);
  const source = findCopySource(request, context);
  const replace = directive(request) === 'REPLACE';
  const sameObject = source.bucket === bucket && source.version.key === request.key;
  if (sameObject && !replace && source.isCurrent) {
    throw new AwsError(
      'InvalidRequest',
      400,
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const asked = header(request, 'x-amz-checksum-algorithm');
  const algorithm = asked === undefined ? undefined : wantedAlgorithm(asked);
  const { headers, metadata } = replace ? readDescriptive(request) : source.version;
  const version = await writeObject(context, targetOf(request, context), async () => ({
    ...(await copyContent(source.version, algorithm, context)),
    headers,
    metadata,
    event: 'ObjectCreated:Copy',
  }));
  const answer = xmlAnswer('CopyObjectResult', {
    ETag: `"${version.etag}"`,
    LastModified: xmlTime(version.lastModified),
    ...(version.checksum === undefined ? {} : checksumElements(version.checksum)),
  });
  const sent = { ...answer.headers, ...versionHeader(bucket, version.versionId) };
  if (source.bucket.settings.versioning !== undefined)
    sent['x-amz-copy-source-version-id'] = source.version.versionId;
  return { ...answer, headers: sent };
};

/**
 * Copies an object. Each version has its own files, so the copy gets hard links. The checksum is the source's, unless
 * the request names another algorithm.
 */
async function copyContent(
  { segments, bytes, etag, checksum: former }: Version,
  algorithm: ChecksumAlgorithm | undefined,
  { blobs }: OperationContext,
): Promise<Content> {
  const release = blobs.hold(segments);
  try {
    const checksum =
      algorithm === undefined || isOfWhole(former, algorithm)
        ? former
        : await checksumOf(await openRange(segments, { begin: 0, end: bytes - 1 }, blobs), algorithm);
    const links = await Promise.all(segments.map((segment) => blobs.link(segment)));
    return { segments: links, bytes, etag, ...defined({ checksum }) };
  } finally {
    release();
  }
}

function isOfWhole(checksum: Checksum | undefined, algorithm: ChecksumAlgorithm): boolean {
  return checksum?.algorithm === algorithm && !checksum.value.includes('-');
}

function directive(request: S3Request): 'COPY' | 'REPLACE' {
  const value = header(request, 'x-amz-metadata-directive') ?? 'COPY';
  if (value !== 'COPY' && value !== 'REPLACE')
    throw new AwsError('InvalidArgument', 400, 'Unknown metadata directive.');
  return value;
}

export interface CopySource {
  bucket: Bucket;
  version: Version;
  isCurrent: boolean;
}

/**
 * Finds the object that `x-amz-copy-source` names, and checks its conditions.
 * @throws AwsError InvalidArgument, NoSuchKey, PreconditionFailed
 */
export function findCopySource(request: S3Request, { model }: OperationContext): CopySource {
  const text = header(request, 'x-amz-copy-source') ?? '';
  const [, bucketName, encodedKey, versionId] = /^\/?([^/]+)\/([^?]+)(?:\?versionId=(.+))?$/.exec(text) ?? [];
  if (bucketName === undefined || encodedKey === undefined) {
    throw new AwsError(
      'InvalidArgument',
      400,
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    );
  }
  const key = decode(encodedKey);
  const bucket = model.bucket(decode(bucketName));
  const version = model.find(bucket, key, versionId);
  const conditions = readConditions(request, 'x-amz-copy-source-');
  if (checkRead(conditions, version) === 'not modified') {
    throw preconditionFailed('x-amz-copy-source-If-None-Match');
  }
  return { bucket, version, isCurrent: versionId === undefined };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsError('InvalidArgument', 400, 'Invalid copy source encoding.');
  }
}

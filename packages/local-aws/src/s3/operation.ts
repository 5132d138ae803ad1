import type { Readable } from 'node:stream';
import { defined } from '../defined.ts';
import type { Clock } from '../clock.ts';
import type { Journal } from '../journal.ts';
import { AwsError } from '../aws-error.ts';
import type { BlobStore } from './blobs.ts';
import type { Bucket } from './bucket.ts';
import type { WriteConditions } from './conditions.ts';
import type { SecretsOf } from './credentials.ts';
import { header, type S3Request } from './http/request.ts';
import { writeXml } from './http/xml.ts';
import type { S3Model } from './model.ts';

/** An operation's dependencies. */
export interface OperationContext {
  model: S3Model;
  blobs: BlobStore;
  journal: Journal;
  clock: Clock;
  region: string;
  accountId: string;
  secretsOf: SecretsOf;
  /** The largest body of an object or part. */
  largestPutBytes: number;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  /** A stream is of `content-length` bytes. */
  body?: string | Readable;
}

/** An S3 operation. */
export type Operation = (request: S3Request, context: OperationContext) => Answer | Promise<Answer>;

export function xmlAnswer(root: string, content: object): Answer {
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: writeXml(root, content) };
}

export function bucketOf(request: S3Request, { model }: OperationContext): Bucket {
  return model.bucket(request.bucket ?? '');
}

export function keyOf({ key }: S3Request): string {
  if (key === undefined)
    throw new AwsError('MethodNotAllowed', 405, 'The specified method is not allowed against this resource.');
  return key;
}

export function writeConditions(request: S3Request): WriteConditions {
  const ifMatch = header(request, 'if-match');
  const ifNoneMatch = header(request, 'if-none-match');
  return {
    ...defined({ ifMatch, ifNoneMatch }),
  };
}

/** Returns the header that names a version. A bucket that never had versions returns none. */
export function versionHeader({ settings }: Bucket, versionId: string): Record<string, string> {
  return settings.versioning === undefined ? {} : { 'x-amz-version-id': versionId };
}

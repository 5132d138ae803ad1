import { AwsError } from '../../aws-error.ts';
import type { S3Request } from './request.ts';

/**
 * Headers that are implemented, or that S3 ignores. All other S3 headers are refused, because a 200 would promise
 * something that is not done.
 */
const KNOWN = [
  /^x-amz-(algorithm|content-sha256|credential|date|expires|security-token|signature|signedheaders)$/,
  /^x-amz-(decoded-content-length|te|trailer|user-agent)$/,
  /^x-amz-(sdk-checksum-algorithm|checksum-(algorithm|mode|type|crc32|crc32c|crc64nvme|sha1|sha256))$/,
  /^x-amz-copy-source(-range|-if-(none-)?match|-if-(un)?modified-since)?$/,
  /^x-amz-(metadata-directive|mp-object-size)$/,
  /^x-amz-meta-/,
];
/** Headers whose default value is accepted, because it matches what this server always does. */
const ONLY_DEFAULT: Readonly<Record<string, string>> = {
  'x-amz-acl': 'private',
  'x-amz-bucket-object-lock-enabled': 'false',
  'x-amz-bypass-governance-retention': 'false',
  'x-amz-object-ownership': 'BucketOwnerEnforced',
  'x-amz-server-side-encryption': 'AES256',
  'x-amz-server-side-encryption-bucket-key-enabled': 'false',
  'x-amz-skip-destination-validation': 'false',
  'x-amz-storage-class': 'STANDARD',
  'x-amz-tagging-directive': 'COPY',
};
const OWNER_HEADERS = ['x-amz-expected-bucket-owner', 'x-amz-source-expected-bucket-owner'];

/**
 * @param headers names in lower case; also a form's fields
 * @throws AwsError NotImplemented
 */
export function refuseUnsupported(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith('x-amz-') || KNOWN.some((pattern) => pattern.test(name))) continue;
    if (OWNER_HEADERS.includes(name) || ONLY_DEFAULT[name]?.toLowerCase() === value.toLowerCase()) continue;
    throw notImplemented(name);
  }
}

/**
 * Refuses a checksum, for operations that do not compute a checksum to compare it with.
 * @throws AwsError NotImplemented
 */
export function refuseChecksum(names: Iterable<string>): void {
  for (const name of names)
    if (/^x-amz-checksum-(?!algorithm$|mode$|type$)/.test(name)) throw notImplemented(name);
}

/**
 * Checks the expected owner: every bucket belongs to the only account.
 * @throws AwsError AccessDenied
 */
export function checkOwner({ headers }: S3Request, accountId: string): void {
  for (const name of OWNER_HEADERS) {
    if ((headers[name] ?? accountId) !== accountId) throw new AwsError('AccessDenied', 403, 'Access Denied');
  }
}

function notImplemented(Header: string): AwsError {
  const message = 'A header you provided implies functionality that is not implemented';
  return new AwsError('NotImplemented', 501, message, { Header });
}

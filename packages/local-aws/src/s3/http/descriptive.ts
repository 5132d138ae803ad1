import { validateHeaderName, validateHeaderValue } from 'node:http';
import { AwsError } from '../../aws-error.ts';
import type { Descriptive, Version } from '../version.ts';
import { checksumHeaders } from './checksum.ts';
import { header, type S3Request } from './request.ts';

/** Headers that are stored with an object and returned with it. */
const STORED = [
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
];
const META = 'x-amz-meta-';
const LARGEST_METADATA_BYTES = 2048;

/**
 * Checks that a value from a parameter or form is valid in a response header.
 * @throws AwsError InvalidArgument
 */
export function checkHeader(name: string, value: string): void {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch {
    throw new AwsError('InvalidArgument', 400, 'Header value cannot be represented using ISO-8859-1.', {
      ArgumentName: name,
    });
  }
}

/** Reads the headers and metadata that a request stores with the content. */
export function readDescriptive(request: S3Request): Descriptive {
  return describe((name) => header(request, name), Object.entries(request.headers));
}

/** Does the same for lower-case names and values, such as a form's fields. */
export function describe(
  get: (name: string) => string | undefined,
  all: Iterable<[string, unknown]>,
): Descriptive {
  const headers: Record<string, string> = {};
  for (const name of STORED) {
    const value = name === 'content-encoding' ? withoutAwsChunked(get(name)) : get(name);
    if (value === undefined || value === '') continue;
    checkHeader(name, value);
    headers[name] = value;
  }
  headers['content-type'] ??= 'binary/octet-stream';
  const metadata: Record<string, string> = {};
  let bytes = 0;
  for (const [name, value] of all) {
    if (!name.startsWith(META) || typeof value !== 'string') continue;
    checkHeader(name, value);
    metadata[name.slice(META.length)] = value;
    bytes += Buffer.byteLength(name) - META.length + Buffer.byteLength(value);
  }
  if (bytes > LARGEST_METADATA_BYTES) {
    throw new AwsError(
      'MetadataTooLarge',
      400,
      'Your metadata headers exceed the maximum allowed metadata size',
      {
        Size: String(bytes),
        MaxSizeAllowed: String(LARGEST_METADATA_BYTES),
      },
    );
  }
  return { headers, metadata };
}

/** This encoding belongs to the transfer, not to the object. */
function withoutAwsChunked(value: string | undefined): string | undefined {
  const left = (value ?? '').split(',').map((each) => each.trim());
  return left.filter((each) => each !== 'aws-chunked' && each !== '').join(',') || undefined;
}

/** Returns the headers of a version for HEAD and GET. */
export function versionHeaders(version: Version, withChecksum: boolean): Record<string, string> {
  const { headers, metadata, etag, lastModified, checksum } = version;
  return {
    ...headers,
    ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [META + name, value])),
    etag: `"${etag}"`,
    'last-modified': new Date(lastModified).toUTCString(),
    'accept-ranges': 'bytes',
    ...(withChecksum && checksum !== undefined ? checksumHeaders(checksum) : {}),
  };
}

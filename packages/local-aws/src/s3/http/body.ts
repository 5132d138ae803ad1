import { buffer } from 'node:stream/consumers';
import { defined } from '../../defined.ts';
import { AwsError } from '../../aws-error.ts';
import { limitedBody, chunksOf } from '../../limited-body.ts';
import { startChecksum } from '../checksums.ts';
import type { OperationContext } from '../operation.ts';
import type { Checksum, ChecksumAlgorithm, Content } from '../version.ts';
import { decodeAwsChunked } from './aws-chunked.ts';
import { wantedAlgorithm } from './checksum.ts';
import { header, type S3Request } from './request.ts';

/** The largest object that one request can upload to S3. */
export const LARGEST_PUT_BYTES = 5 * 1024 ** 3;
const LARGEST_DOCUMENT_BYTES = 2 * 1024 ** 2;
const CHECKSUM_HEADER = /^x-amz-checksum-(crc32|crc32c|crc64nvme|sha1|sha256)$/;

/**
 * Receives an upload's body into a blob, and checks it against every digest and length that the client sent.
 * @throws AwsError BadDigest, InvalidDigest, InvalidRequest, IncompleteBody, EntityTooLarge, MissingContentLength
 */
export async function receiveContent(
  request: S3Request,
  { blobs, largestPutBytes }: Pick<OperationContext, 'blobs' | 'largestPutBytes'>,
): Promise<Content> {
  const trailers = new Map<string, string>();
  const expected = expectedChecksum(request);
  const md5 = header(request, 'content-md5');
  if (md5 !== undefined && Buffer.from(md5, 'base64').byteLength !== 16) {
    throw new AwsError('InvalidDigest', 400, 'The Content-MD5 you specified was invalid.');
  }
  checkLength(request, largestPutBytes);
  const checksum = expected === undefined ? undefined : startChecksum(expected.algorithm);
  const body = bodyOf(request, (name, value) => trailers.set(name, value));
  const written = await blobs.write(
    limitedBody(body, largestPutBytes, () => tooLarge(largestPutBytes)),
    checksum === undefined ? undefined : (chunk) => checksum.update(chunk),
  );
  try {
    const length = header(request, 'x-amz-decoded-content-length');
    if (length !== undefined && Number(length) !== written.segment.bytes) {
      throw new AwsError(
        'IncompleteBody',
        400,
        'You did not provide the number of bytes specified by the x-amz-decoded-content-length HTTP header.',
      );
    }
    if (md5 !== undefined && Buffer.from(md5, 'base64').toString('hex') !== written.md5) {
      throw new AwsError('BadDigest', 400, 'The Content-MD5 you specified did not match what we received.');
    }
    const digest = await verify(expected, checksum, trailers);
    const { segment, md5: etag } = written;
    return {
      segments: [segment],
      bytes: segment.bytes,
      etag,
      ...defined({ checksum: digest }),
    };
  } catch (error) {
    await blobs.remove([written.segment]);
    throw error;
  }
}

interface Expected {
  algorithm: ChecksumAlgorithm;
  /** Absent if it is sent as a trailer. */
  value?: string;
}

function expectedChecksum(request: S3Request): Expected | undefined {
  const trailer = header(request, 'x-amz-trailer')?.toLowerCase();
  if (trailer !== undefined) return { algorithm: algorithmOf(trailer) };
  const given = Object.keys(request.incoming.headers).filter((name) => CHECKSUM_HEADER.test(name));
  const [name] = given;
  if (name === undefined) return undefined;
  if (given.length > 1)
    throw new AwsError(
      'InvalidRequest',
      400,
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  return { algorithm: algorithmOf(name), value: header(request, name) ?? '' };
}

function algorithmOf(name: string): ChecksumAlgorithm {
  return wantedAlgorithm(CHECKSUM_HEADER.exec(name)?.[1] ?? name);
}

async function verify(
  expected: Expected | undefined,
  running: { digest(): Promise<string> } | undefined,
  trailers: ReadonlyMap<string, string>,
): Promise<Checksum | undefined> {
  if (expected === undefined || running === undefined) return undefined;
  const { algorithm } = expected;
  const value = await running.digest();
  const given = expected.value ?? trailers.get(`x-amz-checksum-${algorithm.toLowerCase()}`);
  if (given === undefined)
    throw new AwsError('InvalidRequest', 400, 'The checksum that x-amz-trailer announced did not come.');
  if (given !== value)
    throw new AwsError(
      'BadDigest',
      400,
      `The ${algorithm} you specified did not match the calculated checksum.`,
    );
  return { algorithm, value };
}

/** The body without transfer framing. */
function bodyOf(
  request: S3Request,
  onTrailer: (name: string, value: string) => void,
): AsyncIterable<Uint8Array> {
  const pieces = chunksOf(request.incoming);
  return isChunked(request) ? decodeAwsChunked(pieces, onTrailer) : pieces;
}

function isChunked(request: S3Request): boolean {
  const streaming = header(request, 'x-amz-content-sha256')?.startsWith('STREAMING-') ?? false;
  return (
    streaming ||
    (header(request, 'content-encoding') ?? '').split(',').some((each) => each.trim() === 'aws-chunked')
  );
}

function checkLength(request: S3Request, largestPutBytes: number): void {
  const length = header(request, 'x-amz-decoded-content-length') ?? header(request, 'content-length');
  const framed = request.incoming.headers['transfer-encoding'] !== undefined;
  if (length === undefined && !framed)
    throw new AwsError('MissingContentLength', 411, 'You must provide the Content-Length HTTP header.');
  if (Number(length ?? 0) > largestPutBytes) throw tooLarge(largestPutBytes, length);
}

/** @param proposed bytes, if the request says it */
export function tooLarge(most: number, proposed?: string): AwsError {
  return new AwsError('EntityTooLarge', 400, 'Your proposed upload exceeds the maximum allowed size', {
    ...defined({ ProposedSize: proposed }),
    MaxSizeAllowed: String(most),
  });
}

/** Receives a document: small, and in memory. */
export async function receiveText(request: S3Request): Promise<string> {
  const body = limitedBody(
    bodyOf(request, () => undefined),
    LARGEST_DOCUMENT_BYTES,
    () => new AwsError('MaxMessageLengthExceeded', 400, 'Your request was too big.'),
  );
  return (await buffer(body)).toString('utf8');
}

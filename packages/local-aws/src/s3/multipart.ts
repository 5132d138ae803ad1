import { createHash } from 'node:crypto';
import { defined } from '../defined.ts';
import { AwsError } from '../aws-error.ts';
import type { Checksum, ChecksumAlgorithm, Content, Descriptive } from './version.ts';

export interface Part extends Content {
  number: number;
  lastModified: number;
}

/** A multipart upload that is neither completed nor aborted. */
export interface MultipartUpload extends Descriptive {
  id: string;
  bucket: string;
  key: string;
  initiatedAt: number;
  /** By number. A part that is uploaded again replaces the earlier part. */
  parts: Map<number, Part>;
}

export interface CompletedPart {
  number: number;
  etag: string;
}

/** Returns a short text that is different for each list of parts. */
export function idOfParts(parts: readonly CompletedPart[]): string {
  const text = parts.map(({ number, etag }) => `${number} ${etag.replaceAll('"', '')}`).join('\n');
  return createHash('sha256').update(text).digest('hex');
}

export interface Completion {
  parts: readonly CompletedPart[];
  /** The total size that the client expects. */
  bytes?: number;
}

/** The minimum size of every part except the last. Bytes. */
const SMALLEST_PART = 5 * 1024 * 1024;

/**
 * Returns a completed upload's content: its parts in order, without copying them.
 * @throws AwsError InvalidPart, InvalidPartOrder, EntityTooSmall, InvalidRequest
 */
export function assemble(
  upload: MultipartUpload,
  { parts: completed, bytes: expected }: Completion,
): Content {
  if (completed.some(({ number }, index) => index > 0 && number <= (completed[index - 1]?.number ?? 0))) {
    throw new AwsError('InvalidPartOrder', 400, 'The list of parts was not in ascending order.');
  }
  const parts = completed.map(({ number, etag }, index) => {
    const part = upload.parts.get(number);
    if (part === undefined || part.etag !== etag.replaceAll('"', '')) {
      throw new AwsError('InvalidPart', 400, `Part ${number} could not be found, or has another entity tag.`);
    }
    if (index < completed.length - 1 && part.bytes < SMALLEST_PART) {
      throw new AwsError(
        'EntityTooSmall',
        400,
        'Your proposed upload is smaller than the minimum allowed object size.',
        {
          PartNumber: String(number),
          ProposedSize: String(part.bytes),
          MinSizeAllowed: String(SMALLEST_PART),
        },
      );
    }
    return part;
  });
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  if (expected !== undefined && expected !== bytes) {
    throw new AwsError(
      'InvalidRequest',
      400,
      `The provided 'x-amz-mp-object-size' header value ${expected} does not match what was computed: ${bytes}`,
    );
  }
  const checksum = composite(parts.map((part) => part.checksum));
  return {
    segments: parts.flatMap(({ segments }) => segments),
    bytes,
    etag: etagOf(parts),
    ...defined({ checksum }),
  };
}

/** Returns the ETag of an object with these parts. */
function etagOf(parts: readonly Part[]): string {
  const digest = createHash('md5');
  for (const { etag } of parts) digest.update(etag, 'hex');
  return `${digest.digest('hex')}-${parts.length}`;
}

/** Only SHA checksums of parts combine into a checksum of the whole: a hash of hashes. */
function composite(checksums: readonly (Checksum | undefined)[]): Checksum | undefined {
  const [first] = checksums;
  const hashName = first === undefined ? undefined : COMPOSITE[first.algorithm];
  if (first === undefined || hashName === undefined) return undefined;
  const hash = createHash(hashName);
  for (const checksum of checksums) {
    if (checksum?.algorithm !== first.algorithm) return undefined;
    hash.update(checksum.value, 'base64');
  }
  return { algorithm: first.algorithm, value: `${hash.digest('base64')}-${checksums.length}` };
}

const COMPOSITE: Readonly<Partial<Record<ChecksumAlgorithm, string>>> = { SHA1: 'sha1', SHA256: 'sha256' };

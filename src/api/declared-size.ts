import { RequestProblem } from './problem.ts';

/** Bytes; with S3's 10,000 parts that is more than any recipe takes. S3 wants 5 MiB at least. */
export const PART_BYTES = 16 * 1024 * 1024;

/**
 * An upload in parts, as the API names it. The id holds the declared size, since the API keeps no records. A client
 * that forges the size declares another one, and no size above the limit is accepted: whatever mix of sizes the parts
 * are signed for, together they never exceed it.
 */
export interface DeclaredUpload {
  /** S3's own id. */
  uploadId: string;
  /** Bytes. */
  size: number;
}

export function idOf({ uploadId, size }: DeclaredUpload): string {
  return `${size}.${uploadId}`;
}

/** @throws RequestProblem when it is not an id of this API, or one of a larger upload than it takes */
export function readId(id: string, maxUploadBytes: number): DeclaredUpload {
  const [, digits, uploadId] = /^(\d{1,15})\.(.+)$/s.exec(id) ?? [];
  const size = Number(digits);
  if (uploadId === undefined || size < 1 || size > maxUploadBytes)
    throw new RequestProblem(
      404,
      'upload.unknown',
      'there is no such multipart upload; start again with `POST /multipart`',
    );
  return { uploadId, size };
}

export function partsOf(size: number): number {
  return Math.ceil(size / PART_BYTES);
}

/** Returns the bytes of a part. @throws RequestProblem when the upload was not declared to have that part */
export function bytesOfPart(partNumber: number, size: number): number {
  const parts = partsOf(size);
  if (partNumber > parts)
    throw new RequestProblem(
      400,
      'request.invalid',
      `part ${partNumber} was not declared: ${size} bytes make ${parts} ${parts === 1 ? 'part' : 'parts'}`,
    );
  return Math.min(PART_BYTES, size - (partNumber - 1) * PART_BYTES);
}

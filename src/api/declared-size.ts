import { RequestProblem } from './problem.ts';

/** Bytes. With S3's maximum of 10,000 parts, enough for any recipe. S3's minimum is 5 MiB. */
export const PART_BYTES = 16 * 1024 * 1024;

/**
 * A multipart upload's id in the API. It contains the declared size, because the API stores nothing. A client that
 * forges it only declares another size, and no size above the limit is accepted: whatever sizes its parts are signed
 * for, their total never exceeds the limit.
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

/** @throws RequestProblem if it is not this API's id, or declares an upload above the limit */
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

/** Returns a part's size in bytes. @throws RequestProblem if the declared upload does not have this part */
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

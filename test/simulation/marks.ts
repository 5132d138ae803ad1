import { createHash } from 'node:crypto';

/**
 * What bytes are of. Behind a NUL, the bytes of uploads and results say so: as equal uploads must have equal ETags, the
 * ETags of the simulation do not cover it, and no production code reads it.
 */
const NUL = 0;

export interface ResultMark {
  /** The number of the upload that it was made from. */
  upload: number;
  /** The key of that upload. */
  key: string;
  /** The number of the deployment whose worker made it. */
  deployment: number;
  /** Which conversion made it, and what its options said. */
  conversion: string;
  variant: number;
  rendition: string;
}

/** That of an upload has its number only. */
export type Mark = Partial<ResultMark>;

export function withMark(text: string, mark: ResultMark | { upload: number }): Uint8Array {
  return Buffer.from(`${text}\0${JSON.stringify(mark)}`);
}

function withoutMark(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(NUL);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

/** Without quotes. */
export function etagOf(bytes: Uint8Array): string {
  return createHash('md5').update(withoutMark(bytes)).digest('hex');
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(withoutMark(bytes)).toString();
}

/** Empty where nothing marked the bytes. */
export function markOf(bytes: Uint8Array): Mark {
  const end = bytes.indexOf(NUL);
  if (end < 0) return {};
  return JSON.parse(Buffer.from(bytes.subarray(end + 1)).toString()) as Mark;
}

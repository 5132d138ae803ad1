import { createHash } from 'node:crypto';

/**
 * The origin of bytes. Uploads and results contain it after a NUL. Because equal uploads must have equal ETags, the
 * simulation's ETags do not cover it, and no production code reads it.
 */
const NUL = 0;

export interface ResultMark {
  /** The number of the source upload. */
  upload: number;
  /** The source upload's key. */
  key: string;
  /** The number of the deployment whose worker made it. */
  deployment: number;
  /** The conversion that made it, and its option. */
  conversion: string;
  variant: number;
  rendition: string;
}

/** An upload's mark contains only its number. */
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

/** Empty if the bytes have no mark. */
export function markOf(bytes: Uint8Array): Mark {
  const end = bytes.indexOf(NUL);
  if (end < 0) return {};
  return JSON.parse(Buffer.from(bytes.subarray(end + 1)).toString()) as Mark;
}

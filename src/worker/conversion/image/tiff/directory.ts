import { layoutOf, numbersIn } from './layout.ts';

/**
 * Reads a TIFF's directory, which says how its image is stored. libvips says too little about what it cannot read.
 * Reads no pixels. https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, section 2;
 * BigTIFF: https://www.awaresystems.be/imaging/tiff/bigtiff.html
 */

/** The numbers in a directory's fields, by tag: the bytes of a text, and two numbers for a fraction. */
export type Directory = ReadonlyMap<number, readonly number[]>;

export const TAG = {
  subfileType: 254,
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  stripOffsets: 273,
  orientation: 274,
  samples: 277,
  stripBytes: 279,
  planar: 284,
  predictor: 317,
  tileWidth: 322,
  subDirectories: 330,
  extraSamples: 338,
  sampleFormat: 339,
  jpegTables: 347,
  jpegOffset: 513,
  jpegBytes: 514,
  dngVersion: 50_706,
} as const;

/** Other tags are not read, however large a hostile file makes their values. */
const READ: ReadonlySet<number> = new Set(Object.values(TAG));

/** The greatest number of entries that are read. */
const MOST_FIELDS = 4096;
export const MOST_VALUES = 4096;
/** Of a fax or a scanned book. */
const MOST_PAGES = 100_000;
/** Camera RAW files have about five. */
const MOST_DIRECTORIES = 32;

/** Returns the first number of a field. */
export function one(directory: Directory, tag: number, otherwise: number): number {
  return directory.get(tag)?.[0] ?? otherwise;
}

/** Bytes per number, and numbers per value, by field type. A fraction is two numbers, and a text is bytes. */
const NUMBERS: ReadonlyMap<number, readonly [bytes: number, each: number]> = new Map([
  [1, [1, 1]],
  [2, [1, 1]],
  [3, [2, 1]],
  [4, [4, 1]],
  [5, [4, 2]],
  [13, [4, 1]],
  [16, [8, 1]],
  [18, [8, 1]],
  // UTF-8, in EXIF 3.0.
  [129, [1, 1]],
]);

/** Returns the first directory of a TIFF; empty if there is none. */
export function firstDirectory(tiff: Uint8Array, tags = READ): Directory {
  const reader = readerOf(tiff, tags);
  return reader?.directory(reader.first) ?? new Map();
}

/** Returns the directory at an offset; empty if there is none. */
export function directoryAt(tiff: Uint8Array, offset: number, tags: ReadonlySet<number>): Directory {
  return readerOf(tiff, tags)?.directory(offset) ?? new Map();
}

/** Returns the bytes of a field in the first directory, not copied; undefined if there is none, or not all of it. */
export function bytesOf(tiff: Uint8Array, tag: number): Uint8Array | undefined {
  const reader = readerOf(tiff, new Set());
  return reader?.bytes(reader.first, tag);
}

/** Returns the offsets of the directories of a TIFF's pages, in their order. */
export function pageOffsets(tiff: Uint8Array): number[] {
  const reader = readerOf(tiff);
  const offsets = new Set<number>();
  let at = reader?.first ?? 0;
  while (reader?.isDirectory(at) === true && !offsets.has(at) && offsets.size < MOST_PAGES) {
    offsets.add(at);
    at = reader.after(at);
  }
  return [...offsets];
}

/** Returns a copy of a TIFF whose first directory is at another offset. */
export function beginningAt(tiff: Uint8Array, offset: number): Uint8Array {
  const copy = Uint8Array.from(tiff);
  readerOf(copy)?.setFirst(offset);
  return copy;
}

/** Returns the directories of a TIFF, including those inside others. Each once, up to a limit. */
export function directories(tiff: Uint8Array): Directory[] {
  const reader = readerOf(tiff);
  if (reader === undefined) return [];
  const offsets = new Set([reader.first]);
  const found: Directory[] = [];
  // The loop also visits offsets that are added meanwhile.
  for (const offset of offsets) {
    if (found.length === MOST_DIRECTORIES) break;
    const directory = reader.directory(offset);
    found.push(directory);
    for (const other of [...(directory.get(TAG.subDirectories) ?? []), reader.after(offset)])
      if (other > 0) offsets.add(other);
  }
  return found;
}

interface Reader {
  /** Offset of the first directory. */
  first: number;
  setFirst(offset: number): void;
  isDirectory(offset: number): boolean;
  directory(offset: number): Directory;
  bytes(offset: number, tag: number): Uint8Array | undefined;
  /** Returns the offset of the directory after another. */
  after(offset: number): number;
}

/** Returns undefined if the bytes do not begin like a TIFF. Reading past the end yields 0. Reads only these tags. */
function readerOf(tiff: Uint8Array, tags = READ): Reader | undefined {
  if (!ORDERS.has(Buffer.from(tiff.subarray(0, 2)).toString('latin1')) || tiff.byteLength < 16)
    return undefined;
  const { little, countBytes, offsetBytes, firstAt } = layoutOf(tiff);
  const number = numbersIn(tiff, little);
  const fieldBytes = 4 + 2 * offsetBytes;

  const values = (at: number): readonly number[] => {
    const [bytes, each] = NUMBERS.get(number(at + 2, 2)) ?? [];
    if (bytes === undefined || each === undefined) return [];
    const count = Math.min(number(at + 4, offsetBytes) * each, MOST_VALUES);
    const inPlace = at + 4 + offsetBytes;
    const begin = count * bytes <= offsetBytes ? inPlace : number(inPlace, offsetBytes);
    const end = Math.min(count, Math.floor((tiff.byteLength - begin) / bytes));
    return Array.from({ length: Math.max(0, end) }, (_, index) => number(begin + index * bytes, bytes));
  };

  const fieldsOf = (offset: number) => Math.min(number(offset, countBytes), MOST_FIELDS);
  return {
    first: number(firstAt, offsetBytes),
    setFirst(offset) {
      const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
      if (offsetBytes === 8) view.setBigUint64(firstAt, BigInt(offset), little);
      else view.setUint32(firstAt, offset, little);
    },
    isDirectory: (offset) => offset > 0 && fieldsOf(offset) > 0,
    directory(offset) {
      const fields = new Map<number, readonly number[]>();
      const count = fieldsOf(offset);
      const begin = offset + countBytes;
      for (let index = 0; index < count; index += 1) {
        const at = begin + index * fieldBytes;
        if (at + fieldBytes > tiff.byteLength) break;
        const tag = number(at, 2);
        // If a tag occurs twice, libtiff also uses the first.
        if (tags.has(tag) && !fields.has(tag)) fields.set(tag, values(at));
      }
      return fields;
    },
    bytes(offset, tag) {
      const count = fieldsOf(offset);
      for (let index = 0; index < count; index += 1) {
        const at = offset + countBytes + index * fieldBytes;
        if (at + fieldBytes > tiff.byteLength) break;
        if (number(at, 2) !== tag) continue;
        const [bytes, each] = NUMBERS.get(number(at + 2, 2)) ?? [1, 1];
        const length = number(at + 4, offsetBytes) * bytes * each;
        const inPlace = at + 4 + offsetBytes;
        const begin = length <= offsetBytes ? inPlace : number(inPlace, offsetBytes);
        return begin + length <= tiff.byteLength ? tiff.subarray(begin, begin + length) : undefined;
      }
      return undefined;
    },
    after: (offset) => number(offset + countBytes + fieldsOf(offset) * fieldBytes, offsetBytes),
  };
}

const ORDERS: ReadonlySet<string> = new Set(['II', 'MM']);

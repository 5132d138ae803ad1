/**
 * Reads a TIFF's directory, which says how its image is stored. libvips says too little about what it cannot read.
 * Reads no pixels. https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, section 2;
 * BigTIFF: https://www.awaresystems.be/imaging/tiff/bigtiff.html
 */

/** The numbers in a directory's fields, by tag. Text and fractions are omitted. */
export type Directory = ReadonlyMap<number, readonly number[]>;

export const TAG = {
  subfileType: 254,
  bits: 258,
  compression: 259,
  photometric: 262,
  samples: 277,
  subDirectories: 330,
  extraSamples: 338,
  sampleFormat: 339,
} as const;

/** Returns the first number of a field. */
export function one(directory: Directory, tag: number, otherwise: number): number {
  return directory.get(tag)?.[0] ?? otherwise;
}

/** Bytes per value, by field type. Whole numbers only. */
const NUMBERS: ReadonlyMap<number, number> = new Map([
  [1, 1],
  [3, 2],
  [4, 4],
  [13, 4],
  [16, 8],
  [18, 8],
]);

/** The greatest number of entries that are read. */
const MOST_FIELDS = 4096;
const MOST_VALUES = 4096;

/** Returns the first directory of a TIFF; empty if there is none. */
export function firstDirectory(tiff: Uint8Array): Directory {
  const reader = readerOf(tiff);
  return reader?.directory(reader.first) ?? new Map();
}

interface Reader {
  /** Offset of the first directory. */
  first: number;
  directory(offset: number): Directory;
}

/** Returns undefined if the bytes do not begin like a TIFF. Reading past the end yields 0. */
function readerOf(tiff: Uint8Array): Reader | undefined {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const order = ORDERS.get(Buffer.from(tiff.subarray(0, 2)).toString('latin1'));
  if (order === undefined || tiff.byteLength < 16) return undefined;
  const little = order === 'little';
  const number = (at: number, bytes: number): number => {
    if (at + bytes > tiff.byteLength) return 0;
    switch (bytes) {
      case 1:
        return view.getUint8(at);
      case 2:
        return view.getUint16(at, little);
      case 4:
        return view.getUint32(at, little);
      default:
        return Number(view.getBigUint64(at, little));
    }
  };
  const big = number(2, 2) === BIG_TIFF;
  const { countBytes, offsetBytes, first } = big
    ? { countBytes: 8, offsetBytes: 8, first: number(8, 8) }
    : { countBytes: 2, offsetBytes: 4, first: number(4, 4) };
  const fieldBytes = 4 + 2 * offsetBytes;

  const values = (at: number): readonly number[] => {
    const bytes = NUMBERS.get(number(at + 2, 2));
    if (bytes === undefined) return [];
    const count = Math.min(number(at + 4, offsetBytes), MOST_VALUES);
    const inPlace = at + 4 + offsetBytes;
    const begin = count * bytes <= offsetBytes ? inPlace : number(inPlace, offsetBytes);
    const end = Math.min(count, Math.floor((tiff.byteLength - begin) / bytes));
    return Array.from({ length: Math.max(0, end) }, (_, index) => number(begin + index * bytes, bytes));
  };

  return {
    first,
    directory(offset) {
      const fields = new Map<number, readonly number[]>();
      const count = Math.min(number(offset, countBytes), MOST_FIELDS);
      const begin = offset + countBytes;
      for (let index = 0; index < count; index += 1) {
        const at = begin + index * fieldBytes;
        if (at + fieldBytes > tiff.byteLength) break;
        fields.set(number(at, 2), values(at));
      }
      return fields;
    },
  };
}

const ORDERS: ReadonlyMap<string, 'little' | 'big'> = new Map([
  ['II', 'little'],
  ['MM', 'big'],
]);
const BIG_TIFF = 43;

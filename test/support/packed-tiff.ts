import { deflateSync } from 'node:zlib';

/** A TIFF of samples with any number of bits, in the variants that decoders treat differently. */
export interface PackedTiff {
  width: number;
  height: number;
  bits: number;
  samples: number;
  /** Row by row. */
  values: readonly number[];
  bigEndian?: boolean;
  deflate?: boolean;
  /** Rows of a strip, or the side of square tiles. */
  parts: { rows: number } | { side: number };
  profile?: Uint8Array;
}

const SHORT = 3;
const LONG = 4;
const UNDEFINED = 7;

export function packedTiff(image: PackedTiff): Buffer {
  const { width, height, bits, samples, parts, bigEndian = false, deflate = false, profile } = image;
  const header = Buffer.from(bigEndian ? 'MM\0*\0\0\0\0' : 'II*\0\0\0\0\0', 'latin1');
  const chunks = [header];
  let length = header.byteLength;
  const append = (bytes: Uint8Array): number => {
    const at = length;
    const even = Buffer.concat([bytes, Buffer.alloc(bytes.byteLength % 2)]);
    chunks.push(even);
    length += even.byteLength;
    return at;
  };
  const numbers = (values: readonly number[], size: number): Buffer => {
    const bytes = Buffer.alloc(Math.max(4, values.length * size));
    for (const [index, value] of values.entries()) {
      if (bigEndian) bytes.writeUIntBE(value, index * size, size);
      else bytes.writeUIntLE(value, index * size, size);
    }
    return bytes;
  };
  const stored = partsOf(image).map((part) => (deflate ? deflateSync(part) : part));
  const places = stored.map((part) => append(part));
  const sizes = stored.map((part) => part.byteLength);
  const areTiles = 'side' in parts;
  const fields: (readonly [tag: number, type: number, values: readonly number[] | Uint8Array])[] = [
    [256, LONG, [width]],
    [257, LONG, [height]],
    [258, SHORT, Array.from({ length: samples }, () => bits)],
    [259, SHORT, [deflate ? 8 : 1]],
    [262, SHORT, [samples === 1 ? 1 : 2]],
    ...(areTiles ? [] : ([[273, LONG, places]] as const)),
    [277, SHORT, [samples]],
    ...(areTiles
      ? []
      : ([
          [278, LONG, [parts.rows]],
          [279, LONG, sizes],
        ] as const)),
    [284, SHORT, [1]],
    ...(areTiles
      ? ([
          [322, LONG, [parts.side]],
          [323, LONG, [parts.side]],
          [324, LONG, places],
          [325, LONG, sizes],
        ] as const)
      : []),
    ...(profile === undefined ? [] : ([[34_675, UNDEFINED, profile]] as const)),
  ];
  const directory = fields.map(([tag, type, values]) => {
    const bytes = values instanceof Uint8Array ? values : numbers(values, type === SHORT ? 2 : 4);
    const value = bytes.byteLength === 4 ? bytes : numbers([append(bytes)], 4);
    return Buffer.concat([numbers([tag, type], 2), numbers([values.length], 4), value]);
  });
  const at = append(
    Buffer.concat([numbers([fields.length], 2).subarray(0, 2), ...directory, Buffer.alloc(4)]),
  );
  numbers([at], 4).copy(header, 4);
  return Buffer.concat(chunks);
}

/** Returns strips or tiles, each row from a whole byte on, with the highest bit first. */
function partsOf({ width, height, bits, samples, values, parts }: PackedTiff): Buffer[] {
  const [across, down] = 'side' in parts ? [parts.side, parts.side] : [width, parts.rows];
  const result: Buffer[] = [];
  for (let top = 0; top < height; top += down) {
    for (let left = 0; left < width; left += across) {
      const rows = 'side' in parts ? down : Math.min(down, height - top);
      result.push(Buffer.concat(Array.from({ length: rows }, (_, row) => rowOf(top + row, left))));
    }
  }
  return result;

  function rowOf(y: number, left: number): Buffer {
    const digits = Array.from({ length: across * samples }, (_, index) => {
      const x = left + Math.floor(index / samples);
      const value = x < width && y < height ? values[(y * width + x) * samples + (index % samples)] : 0;
      return (value ?? 0).toString(2).padStart(bits, '0');
    }).join('');
    const bytes = digits.match(/.{1,8}/g) ?? [];
    return Buffer.from(bytes.map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)));
  }
}

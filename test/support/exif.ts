type Field = readonly [tag: number, value: string | Uint8Array | readonly number[]];

interface Fields {
  image?: readonly Field[];
  photo?: readonly Field[];
  gps?: readonly Field[];
  /** A JPEG in the second directory. */
  thumbnail?: Uint8Array;
  /** Whether the greatest byte of a number is first. */
  big?: boolean;
}

const ASCII = 2;
const LONG = 4;
const THUMBNAIL = { at: 513, length: 514 } as const;
const RATIONAL = 5;

/** Returns EXIF data with these fields, in which sharp would change texts: numbers are fractions, two numbers each. */
export function exifBytes({ image = [], photo = [], gps = [], thumbnail, big = false }: Fields): Buffer {
  const parts: Buffer[] = [];
  let end = 8;
  const number = (value: number, bytes: 2 | 4) => {
    const buffer = Buffer.alloc(bytes);
    if (big) buffer.writeUIntBE(value, 0, bytes);
    else buffer.writeUIntLE(value, 0, bytes);
    return buffer;
  };
  const add = (bytes: Buffer) => {
    const at = end;
    parts.push(bytes);
    end += bytes.length;
    return at;
  };
  const directory = (
    fields: readonly Field[],
    pointers: readonly [tag: number, at: number][] = [],
    next = 0,
  ) => {
    const entries = fields.map(([tag, value]) => {
      const isText = typeof value === 'string' || value instanceof Uint8Array;
      const bytes = isText
        ? Buffer.concat([Buffer.from(value as string), Buffer.of(0)])
        : Buffer.concat(value.map((each) => number(each, 4)));
      const count = isText ? bytes.length : value.length / 2;
      const place =
        bytes.length > 4 ? number(add(bytes), 4) : Buffer.concat([bytes, Buffer.alloc(4)]).subarray(0, 4);
      return Buffer.concat([number(tag, 2), number(isText ? ASCII : RATIONAL, 2), number(count, 4), place]);
    });
    for (const [tag, at] of pointers)
      entries.push(Buffer.concat([number(tag, 2), number(LONG, 2), number(1, 4), number(at, 4)]));
    return add(Buffer.concat([number(entries.length, 2), ...entries, number(next, 4)]));
  };
  const pointers: [number, number][] = [];
  if (photo.length > 0) pointers.push([34_665, directory(photo)]);
  if (gps.length > 0) pointers.push([34_853, directory(gps)]);
  const second =
    thumbnail &&
    directory(
      [],
      [
        [THUMBNAIL.at, add(Buffer.from(thumbnail))],
        [THUMBNAIL.length, thumbnail.byteLength],
      ],
    );
  const first = directory(image, pointers, second);
  return Buffer.concat([Buffer.from(big ? 'MM\0*' : 'II*\0', 'latin1'), number(first, 4), ...parts]);
}

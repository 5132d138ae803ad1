import sharp from 'sharp';

const [WIDTH, HEIGHT] = [64, 32];
/** Blue, green, red, alpha, as bitmaps store them. */
const RED = [0, 0, 255, 255];
const BLUE = [255, 0, 0, 255];
const isRed = (x: number) => x < WIDTH / 2;

export interface Bitmap {
  bits: number;
  /** The size of its header, which tells its version. Default: 40. */
  header?: number;
  compression?: number;
  topDown?: boolean;
  /** Bits of red, green, blue and alpha. */
  masks?: readonly number[];
  /** The value of a pixel on the left and on the right; of a palette, 0 is red and 1 is blue. */
  values?: readonly [number, number];
  /** Runs, in place of rows. */
  runs?: Uint8Array;
  profile?: Uint8Array;
  /** In an icon: one bit a pixel, of which 1 means transparent. */
  mask?: Uint8Array;
}

/** Returns a BMP file whose left half is red and whose right half is blue. */
export function bmp(bitmap: Bitmap): Buffer {
  const { header, palette, pixels, profile } = parts(bitmap);
  const file = Buffer.alloc(14);
  file.write('BM');
  file.writeUInt32LE(14 + header.byteLength + palette.byteLength, 10);
  return Buffer.concat([file, header, palette, pixels, profile]);
}

function parts(bitmap: Bitmap) {
  const { bits, header: size = 40, compression = 0, topDown = false, masks = [], profile } = bitmap;
  const header = Buffer.alloc(Math.max(size, 40 + masks.length * 4));
  const palette = bits <= 8 ? Buffer.from([...RED, ...BLUE]) : Buffer.alloc(0);
  const pixels = Buffer.from(bitmap.runs ?? rows(bitmap));
  header.writeUInt32LE(size);
  if (size === 12) {
    header.writeUInt16LE(WIDTH, 4);
    header.writeUInt16LE(HEIGHT, 6);
    header.writeUInt16LE(bits, 10);
    return { header: header.subarray(0, 12), palette: colorsOf3(palette), pixels, profile: Buffer.alloc(0) };
  }
  header.writeInt32LE(WIDTH, 4);
  header.writeInt32LE((topDown ? -HEIGHT : HEIGHT) * (bitmap.mask === undefined ? 1 : 2), 8);
  header.writeUInt16LE(1, 12);
  header.writeUInt16LE(bits, 14);
  header.writeUInt32LE(compression, 16);
  header.writeUInt32LE(palette.byteLength / 4, 32);
  for (const [index, mask] of masks.entries()) header.writeUInt32LE(mask, 40 + index * 4);
  if (profile !== undefined) {
    header.write('DEBM', 56, 'latin1');
    header.writeUInt32LE(size + palette.byteLength + pixels.byteLength, 112);
    header.writeUInt32LE(profile.byteLength, 116);
  }
  return { header, palette, pixels, profile: Buffer.from(profile ?? []) };
}

/** The two colors of a palette, without their fourth byte. */
const colorsOf3 = (palette: Buffer) => Buffer.concat([palette.subarray(0, 3), palette.subarray(4, 7)]);

function rows({ bits, values = bits <= 8 ? [0, 1] : [0xff0000, 0x0000ff] }: Bitmap): Buffer {
  const row = Buffer.alloc(Math.ceil((WIDTH * bits) / 32) * 4);
  for (let x = 0; x < WIDTH; x += 1) {
    const value = isRed(x) ? values[0] : values[1];
    if (bits >= 16) row.writeUIntLE(value, (x * bits) / 8, bits / 8);
    else {
      const at = Math.floor((x * bits) / 8);
      row[at] = (row[at] ?? 0) | (value << (8 - bits - ((x * bits) % 8)));
    }
  }
  return Buffer.concat(Array.from({ length: HEIGHT }, () => row));
}

/** An image of an icon: its width and height, and a PNG or a bitmap of red and blue with a mask. */
type IconImage = { side: number; png: Uint8Array } | { bitmap: Bitmap };

/** Returns an icon file, or a cursor file. */
export function ico(images: readonly IconImage[], type: 'icon' | 'cursor' = 'icon'): Buffer {
  const head = Buffer.alloc(6 + images.length * 16);
  head.writeUInt16LE(type === 'icon' ? 1 : 2, 2);
  head.writeUInt16LE(images.length, 4);
  let at = head.byteLength;
  const bodies = images.map((image, index) => {
    const [width, height] = 'png' in image ? [image.side, image.side] : [WIDTH, HEIGHT];
    const body = 'png' in image ? Buffer.from(image.png) : iconBitmap(image.bitmap);
    const entry = 6 + index * 16;
    head.set([width % 256, height % 256], entry);
    // A cursor has its hot spot there.
    head.writeUInt16LE('png' in image ? 32 : image.bitmap.bits, entry + 6);
    head.writeUInt32LE(body.byteLength, entry + 8);
    head.writeUInt32LE(at, entry + 12);
    at += body.byteLength;
    return body;
  });
  return Buffer.concat([head, ...bodies]);
}

function iconBitmap(bitmap: Bitmap): Buffer {
  const { header, palette, pixels } = parts({ mask: Buffer.alloc(0), ...bitmap });
  return Buffer.concat([header, palette, pixels, bitmap.mask ?? Buffer.alloc(0)]);
}

/** A mask by which the right half is transparent. */
export const RIGHT_TRANSPARENT = Buffer.concat(
  Array.from({ length: HEIGHT }, () => Buffer.from([0, 0, 0, 0, 255, 255, 255, 255])),
);
export const OPAQUE = Buffer.alloc(RIGHT_TRANSPARENT.byteLength);

/** Returns a square PNG of one color. */
export function square(side: number, background: string): Promise<Buffer> {
  return sharp({ create: { width: side, height: side, channels: 4, background } })
    .png()
    .toBuffer();
}

/** Runs of red and blue: the first half of each row, the second, and its end; then the end. */
export function runs(row: readonly number[]): Buffer {
  return Buffer.from([...Array.from({ length: HEIGHT }, () => [...row, 0, 0]).flat(), 0, 1]);
}

import { crc32 } from 'node:zlib';
import type { Random } from '@millrace/local-aws/models';

/** Values that expose off-by-one errors, overflows and bombs. */
const SIZES = [0, 1, 2, 0x7f, 0xff, 0x100, 0x4000, 0x7fff, 0xffff, 0x10000, 0xffffff, 0x7fffffff, 0xffffffff];

type Damage = (bytes: Buffer, random: Random, others: readonly Buffer[]) => Buffer;

const below = (random: Random, end: number) => Math.floor(random() * Math.max(1, end));

/** Usually in the first bytes, where the headers are. */
function offset(bytes: Buffer, random: Random): number {
  return below(random, random() < 0.6 ? Math.min(bytes.byteLength, 512) : bytes.byteLength);
}

const flipBits: Damage = (bytes, random) => {
  for (let flips = 1 + below(random, 16); flips > 0; flips -= 1) {
    const at = offset(bytes, random);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << below(random, 8));
  }
  return bytes;
};

const truncate: Damage = (bytes, random) => bytes.subarray(0, below(random, bytes.byteLength));

const lieAnywhere: Damage = (bytes, random) => {
  const size = SIZES[below(random, SIZES.length)] ?? 0;
  const at = Math.min(offset(bytes, random), bytes.byteLength - 4);
  if (at < 0) return bytes;
  switch (below(random, 4)) {
    case 0:
      bytes.writeUInt16BE(size & 0xffff, at);
      break;
    case 1:
      bytes.writeUInt16LE(size & 0xffff, at);
      break;
    case 2:
      bytes.writeUInt32BE(size, at);
      break;
    default:
      bytes.writeUInt32LE(size, at);
  }
  return bytes;
};

const repeatPart: Damage = (bytes, random) => {
  const from = offset(bytes, random);
  const part = bytes.subarray(from, from + below(random, 2000));
  return Buffer.concat([
    bytes.subarray(0, from),
    ...Array.from({ length: 1 + below(random, 5) }, () => part),
    bytes.subarray(from),
  ]);
};

const removePart: Damage = (bytes, random) => {
  const from = offset(bytes, random);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + below(random, 500))]);
};

/** The start of one image with the rest of another. */
const splice: Damage = (bytes, random, others) => {
  const other = others[below(random, others.length)] ?? bytes;
  return Buffer.concat([bytes.subarray(0, offset(bytes, random)), other.subarray(offset(other, random))]);
};

/** Sets a size in the header that does not match the pixels, for each format. */
const lieAboutSize: Damage = (bytes, random) => {
  const side = () => SIZES[below(random, SIZES.length)] ?? 0;
  const places: { at: number; write: (value: number, at: number) => void }[] = [];
  const big = (value: number, at: number) => void bytes.writeUInt32BE(value, at);
  const big16 = (value: number, at: number) => void bytes.writeUInt16BE(value & 0xffff, at);
  const little16 = (value: number, at: number) => void bytes.writeUInt16LE(value & 0xffff, at);
  const after = (marker: string | Buffer, distance: number) => {
    const at = bytes.indexOf(marker);
    return at < 0 ? [] : [at + distance];
  };
  for (const at of after('IHDR', 4)) places.push({ at, write: big }, { at: at + 4, write: big });
  for (const marker of [Buffer.of(0xff, 0xc0), Buffer.of(0xff, 0xc2)])
    for (const at of after(marker, 5)) places.push({ at, write: big16 }, { at: at + 2, write: big16 });
  for (const at of after('GIF89a', 6)) places.push({ at, write: little16 }, { at: at + 2, write: little16 });
  for (const at of after(Buffer.of(0x21, 0xf9, 0x04), 13)) places.push({ at, write: little16 });
  for (const at of after('VP8X', 12)) places.push({ at, write: little16 }, { at: at + 3, write: little16 });
  for (const at of after('VP8 ', 14)) places.push({ at, write: little16 }, { at: at + 2, write: little16 });
  for (const at of after('VP8L', 9)) places.push({ at, write: little16 });
  for (const at of after('ispe', 8)) places.push({ at, write: big }, { at: at + 4, write: big });
  if (bytes.subarray(0, 4).equals(Buffer.from('II*\0', 'latin1'))) {
    // The values of the entries of the first directory: width, height, strips, samples, compression.
    const directory = bytes.readUInt32LE(4);
    for (let entry = 0; entry < 12; entry += 1)
      places.push({ at: directory + 2 + entry * 12 + 8, write: little16 });
  }
  const { at, write } = places[below(random, places.length)] ?? {};
  if (at === undefined || write === undefined || at + 4 > bytes.byteLength)
    return lieAnywhere(bytes, random, []);
  write(side(), at);
  return withPngChecksum(bytes);
};

/** Makes libpng accept the header. */
function withPngChecksum(bytes: Buffer): Buffer {
  const header = bytes.indexOf('IHDR');
  if (header === 12 && bytes.byteLength >= 33) bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  return bytes;
}

const DAMAGES: readonly Damage[] = [
  flipBits,
  truncate,
  lieAnywhere,
  lieAboutSize,
  lieAboutSize,
  repeatPart,
  removePart,
  splice,
];

/** Returns a copy with one to three kinds of damage. */
export function damaged(base: Buffer, random: Random, others: readonly Buffer[]): Buffer {
  let bytes = Buffer.from(base);
  for (let times = 1 + below(random, 3); times > 0; times -= 1) {
    const damage = DAMAGES[below(random, DAMAGES.length)];
    if (damage !== undefined && bytes.byteLength > 8) bytes = Buffer.from(damage(bytes, random, others));
  }
  return bytes;
}

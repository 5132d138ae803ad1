import type { Pixels } from '../../../../core/conversion.ts';
import { corrupt } from '../corrupt.ts';
import type { Header, Masks } from './header.ts';

/** Returns the bytes per row: rows begin at multiples of four bytes. */
export function rowBytes(width: number, bits: number): number {
  return Math.ceil((width * bits) / 32) * 4;
}

/** Returns the index in the picture of the file's nth row. */
export function rowAt({ height, topDown }: Header, nth: number): number {
  return topDown ? nth : height - 1 - nth;
}

/**
 * Decodes rows that are not compressed.
 * @param palette RGB, three bytes a color
 * @throws Rejected `image.corrupt` if rows are missing
 */
export function decodeRows(header: Header, bytes: Buffer, palette: Uint8Array): Pixels {
  const { width, height, bits, masks } = header;
  const stride = rowBytes(width, bits);
  if (bytes.byteLength < stride * height) {
    const complete = Math.floor(bytes.byteLength / stride);
    throw corrupt(`the file ends after ${complete} of ${height} rows`);
  }
  const channels = bits === 32 || bits === 16 ? (masks[3] === 0 ? 3 : 4) : 3;
  const data = new Uint8Array(width * height * channels);
  const decode = rowDecoder(header, palette);
  for (let nth = 0; nth < height; nth += 1)
    decode(bytes.subarray(nth * stride, (nth + 1) * stride), data, rowAt(header, nth) * width * channels);
  return withVisibleAlpha({ data, width, height, channels });
}

type RowDecoder = (row: Buffer, to: Uint8Array, at: number) => void;

function rowDecoder({ width, bits, masks }: Header, palette: Uint8Array): RowDecoder {
  if (bits === 24)
    return (row, to, at) => {
      for (let from = 0; from < width * 3; from += 3, at += 3) {
        to[at] = row[from + 2] ?? 0;
        to[at + 1] = row[from + 1] ?? 0;
        to[at + 2] = row[from] ?? 0;
      }
    };
  if (bits <= 8) {
    const perByte = 8 / bits;
    const mask = 2 ** bits - 1;
    return (row, to, at) => {
      for (let x = 0; x < width; x += 1, at += 3) {
        const shift = 8 - bits * (1 + (x % perByte));
        const color = (((row[Math.floor(x / perByte)] ?? 0) >> shift) & mask) * 3;
        to[at] = palette[color] ?? 0;
        to[at + 1] = palette[color + 1] ?? 0;
        to[at + 2] = palette[color + 2] ?? 0;
      }
    };
  }
  const channels = channelsOf(masks);
  const pixelBytes = bits / 8;
  return (row, to, at) => {
    for (let x = 0; x < width; x += 1) {
      const from = x * pixelBytes;
      const pixel = bits === 16 ? row.readUInt16LE(from) : row.readUInt32LE(from);
      for (const { shift, max, scale } of channels) {
        to[at] = Math.floor(((pixel >>> shift) & max) * scale + 0.5);
        at += 1;
      }
    }
  };
}

interface Channel {
  shift: number;
  /** The highest value, as a mask. */
  max: number;
  /** From the highest value to 255. */
  scale: number;
}

/** @throws Rejected `image.corrupt` if the bits of a channel are not next to each other */
function channelsOf(masks: Masks): Channel[] {
  const [, , , alpha] = masks;
  return masks.slice(0, alpha === 0 ? 3 : 4).map((mask) => {
    if (mask === 0) return { shift: 0, max: 0, scale: 0 };
    const shift = 31 - Math.clz32(mask & -mask);
    const max = mask >>> shift;
    if ((max & (max + 1)) !== 0)
      throw corrupt(`the header says 0x${mask.toString(16)} for the bits of a channel`);
    return { shift, max, scale: 255 / max };
  });
}

/** Many programs leave a bitmap's alpha at 0 and mean opaque. */
function withVisibleAlpha(pixels: Pixels): Pixels {
  const { data, channels } = pixels;
  if (channels === 3) return pixels;
  for (let at = 3; at < data.byteLength; at += 4) if (data[at] !== 0) return pixels;
  for (let at = 3; at < data.byteLength; at += 4) data[at] = 255;
  return pixels;
}

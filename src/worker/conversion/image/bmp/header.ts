import { Rejected } from '../../../../core/errors.ts';
import { corrupt } from '../corrupt.ts';

/**
 * The header of a Windows or OS/2 bitmap.
 * https://learn.microsoft.com/windows/win32/gdi/bitmap-header-types
 */
export interface Header {
  width: number;
  height: number;
  /** Whether the first row is the topmost. */
  topDown: boolean;
  bits: number;
  encoding: 'plain' | 'rle4' | 'rle8' | 'rle24';
  /** Bits of red, green, blue and alpha in a pixel of 16 or 32 bits; an alpha of 0 means opaque. */
  masks: Masks;
  /** Bytes from the beginning of the header to the palette. */
  paletteAt: number;
  /** Number of colors. */
  paletteLength: number;
  /** Bytes of one color. */
  colorBytes: 3 | 4;
  /** Offset of the embedded ICC profile from the beginning of the header, in bytes. */
  profile?: { at: number; bytes: number };
}

export type Masks = readonly [red: number, green: number, blue: number, alpha: number];

const OS2_V1 = 12;
const OS2_V2 = 64;
const WINDOWS = { v1: 40, v2: 52, v3: 56, v4: 108, v5: 124 };

const BITS: ReadonlySet<number> = new Set([1, 2, 4, 8, 16, 24, 32]);
/** Compressions that browsers do not show either. */
const UNSUPPORTED: Readonly<Record<number, string>> = {
  4: 'a BMP that contains a JPEG',
  5: 'a BMP that contains a PNG',
  11: 'a CMYK BMP',
  12: 'a CMYK BMP',
  13: 'a CMYK BMP',
};
/** https://learn.microsoft.com/windows/win32/api/wingdi/ns-wingdi-bitmapv5header: `PROFILE_EMBEDDED` */
const EMBEDDED_PROFILE = 0x4d_42_45_44;

/**
 * Reads the header at the beginning of `bytes`.
 * @param isIcon whether it is part of an icon, where the header states twice the height
 * @throws Rejected
 */
export function readHeader(bytes: Buffer, isIcon: boolean): Header {
  if (bytes.byteLength < 4) throw corrupt('the file ends in its header');
  const size = bytes.readUInt32LE(0);
  const isKnown =
    size === OS2_V1 || (size >= 16 && size <= OS2_V2) || size === WINDOWS.v4 || size === WINDOWS.v5;
  if (!isKnown) throw corrupt(`no version of BMP has a header of ${size} bytes`);
  if (size > bytes.byteLength) throw corrupt('the file ends in its header');
  const field = (at: number) => (at + 4 <= size ? bytes.readUInt32LE(at) : 0);
  const isOs2V1 = size === OS2_V1;
  const width = isOs2V1 ? bytes.readUInt16LE(4) : bytes.readInt32LE(4);
  const signed = isOs2V1 ? bytes.readUInt16LE(6) : bytes.readInt32LE(8);
  const height = isIcon ? Math.floor(Math.abs(signed) / 2) : Math.abs(signed);
  const bits = bytes.readUInt16LE(isOs2V1 ? 10 : 14);
  if (width <= 0 || height === 0) throw corrupt(`the header says ${width} × ${height} pixels`);
  const compression = field(16);
  if (bits === 64) throw unsupported('a BMP with 64 bits per pixel');
  if (compression in UNSUPPORTED && !(size === OS2_V2 && compression === 4))
    throw unsupported(UNSUPPORTED[compression] ?? '');
  if (size === OS2_V2 && compression === 3) throw unsupported('a BMP with Huffman compression');
  if (!BITS.has(bits)) throw corrupt(`the header says ${bits} bits per pixel`);
  const encoding = encodingOf(compression, bits);
  const hasMasks = compression === 3 || compression === 6;
  const hasAlphaMask = compression === 6 || size >= WINDOWS.v3;
  // In the first version, the masks follow the header; in later versions, they are fields at the same offset.
  const masksEnd = hasMasks && size < WINDOWS.v2 ? WINDOWS.v1 + (compression === 6 ? 16 : 12) : size;
  if (masksEnd > bytes.byteLength) throw corrupt('the file ends in its header');
  const mask = (at: number) => bytes.readUInt32LE(at);
  const profile = { at: field(112), bytes: field(116) };
  const colors = field(32);
  return {
    width,
    height,
    topDown: signed < 0,
    bits,
    encoding,
    masks: hasMasks
      ? [mask(40), mask(44), mask(48), hasAlphaMask ? mask(52) : 0]
      : defaultMasks(bits, size, isIcon),
    paletteAt: masksEnd,
    paletteLength: bits <= 8 ? Math.min(colors || 2 ** bits, 2 ** bits) : colors,
    colorBytes: isOs2V1 ? 3 : 4,
    ...(field(56) === EMBEDDED_PROFILE ? { profile } : {}),
  };
}

function encodingOf(compression: number, bits: number): Header['encoding'] {
  if (compression === 0) return 'plain';
  if (compression === 1 && bits === 8) return 'rle8';
  if (compression === 2 && bits === 4) return 'rle4';
  if (compression === 4 && bits === 24) return 'rle24';
  if ((compression === 3 || compression === 6) && (bits === 16 || bits === 32)) return 'plain';
  throw corrupt(`the header says compression ${compression} of ${bits} bits per pixel`);
}

function defaultMasks(bits: number, size: number, isIcon: boolean): Masks {
  if (bits === 16) return [0x7c00, 0x03e0, 0x001f, 0];
  const hasAlpha = isIcon || size >= WINDOWS.v4;
  return [0xff0000, 0x00ff00, 0x0000ff, hasAlpha ? 0xff000000 : 0];
}

function unsupported(what: string): Rejected {
  return new Rejected('image.unsupported_format', `the image is ${what}, which is not converted`);
}

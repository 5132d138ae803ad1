import { readFile } from 'node:fs/promises';
import { BLUE, RED, showsHalves, showsRedAndBlue, type FormatCase } from './format-case.ts';

/** Made by `test/support/heic/make.c`. */
export const heic = (name: string) => readFile(`test/support/heic/${name}.heic`);

/** Returns a HEIC with other code points in its `nclx`. The matrix stays the one by which it was encoded. */
export function heicWithCodes(file: Buffer, primaries: number, transfer: number): Buffer {
  const bytes = Buffer.from(file);
  const at = bytes.indexOf('colrnclx') + 8;
  bytes.writeUInt16BE(primaries, at);
  bytes.writeUInt16BE(transfer, at + 2);
  return bytes;
}

const CLEAR = [0, 0, 0, 0] as const;

const shown = (feature: string, name: string, shows = showsRedAndBlue): FormatCase => ({
  format: 'HEIC',
  feature,
  make: () => heic(name),
  expected: { shows },
});

// By the matrices of the two color spaces.
const showsGreen = showsHalves([3, 255, 0], BLUE);

export const HEIC: readonly FormatCase[] = [
  shown('still', 'chroma-420'),
  shown('10 bits', 'ten-bit'),
  shown('orientation', 'rotated', showsHalves(RED, BLUE, { width: 128, height: 64 })),
  shown('transparency', 'alpha', showsHalves(RED, CLEAR)),
  shown('thumbnail, which is ignored', 'thumbnail'),
  shown('several images: the primary', 'burst'),
  shown('ICC profile', 'icc', showsGreen),
  shown('Display P3 by code points', 'p3', showsGreen),
  {
    format: 'HEIC',
    feature: 'without an HEVC brand',
    make: async () => {
      const bytes = Buffer.from(await heic('chroma-420'));
      bytes.write('mif1', 8, 'latin1');
      return bytes;
    },
    expected: { shows: showsRedAndBlue },
  },
  {
    format: 'HEIC',
    feature: 'an image without compression, which libheif-js does not decode',
    make: async () => {
      const bytes = Buffer.from(await heic('chroma-420'));
      bytes.write('unci', bytes.indexOf('hvc1', bytes.indexOf('infe')), 'latin1');
      return bytes;
    },
    expected: { refused: 'image.unsupported_format', because: /^the image is HEIC, and it has what libheif/ },
  },
  {
    format: 'HEIC',
    feature: 'cut off',
    make: async () => (await heic('chroma-420')).subarray(0, 300),
    expected: { refused: 'image.corrupt', because: /could not be decoded/ },
  },
];

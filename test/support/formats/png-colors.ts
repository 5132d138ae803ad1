import { inAdobeRgb, inBt2020, inP3, inProPhoto, inSrgb, withGamma } from '../meanings.ts';
import { showsPatches } from './format-case.ts';
import { patchRows } from '../patches.ts';
import { chrm, cicp, gama, pngOf, srgb, type PngOptions } from '../png.ts';
import type { FormatCase } from './format-case.ts';

const ADOBE_RGB = [0.3127, 0.329, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06];
const PROPHOTO = [0.3457, 0.3585, 0.734_699, 0.265_301, 0.159_597, 0.840_403, 0.036_598, 0.000_105];
const P3 = [0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06];

type Meaning = Parameters<typeof showsPatches>[0];

const colors = (
  feature: string,
  meaning: Meaning,
  chunks: Buffer[],
  options: PngOptions = {},
): FormatCase => ({
  format: 'PNG',
  feature,
  make: () => pngOf(patchRows(), { chunks, ...options }),
  expected: { shows: showsPatches(meaning) },
});

const grey = (depth: 8 | 16): FormatCase => ({
  ...colors(`\`gAMA\` in grey of ${depth} bits`, ([, g]) => withGamma(1)([g, g, g]), []),
  make: () =>
    pngOf(
      patchRows().map((row) => row.map(([, g = 0]) => [g])),
      { chunks: [gama(1)], depth },
    ),
});

/** Colors that are told without an ICC profile. */
export const PNG_COLORS: readonly FormatCase[] = [
  colors('`cICP`: Display P3', inP3, [cicp(12, 13)]),
  colors('`cICP`: Display P3, 16 bits', inP3, [cicp(12, 13)], { depth: 16 }),
  colors(
    '`cICP`: BT.2020',
    inBt2020((value) => value ** 2.4),
    [cicp(9, 14)],
  ),
  colors('`cICP` beside `sRGB`, which then does not count', inP3, [cicp(12, 13), srgb()]),
  colors('`cICP` of a matrix or unknown codes, which does not count', inSrgb, [cicp(12, 99)]),
  colors('`gAMA`: linear light', withGamma(1), [gama(1)]),
  colors('`gAMA`: 1.8', withGamma(1.8), [gama(1 / 1.8)]),
  colors('`gAMA`: about 2.2, which stands for sRGB', inSrgb, [gama(0.45)]),
  colors('`gAMA` beside `sRGB`, which counts', inSrgb, [gama(1), srgb()]),
  colors('`gAMA` and `cHRM`: Adobe RGB', inAdobeRgb, [gama(256 / 563), chrm(ADOBE_RGB)]),
  colors('`gAMA` and `cHRM`: ProPhoto, whose white is D50', inProPhoto, [gama(1 / 1.8), chrm(PROPHOTO)]),
  colors('`cHRM` without `gAMA`, which does not count', inSrgb, [chrm(P3)]),
  grey(8),
  grey(16),
];

import { av1Of, avifOf, limitedRange, monochromeAv1, nclx, type Av1 } from '../avif.ts';
import { inBt2020, inP3, inSrgb } from '../meanings.ts';
import { patchRows, PATCHES, type Values } from '../patches.ts';
import { pngOf } from '../png.ts';
import { showsHalves, showsPatches, type FormatCase } from './format-case.ts';

async function color(bitdepth: 8 | 10 = 8): Promise<Av1> {
  const [only] = await av1Of(pngOf(patchRows()), { bitdepth });
  if (only === undefined) throw new Error('expected an image');
  return only;
}

const colors = (
  feature: string,
  meaning: Parameters<typeof showsPatches>[0],
  primaries: number,
  transfer: number,
  bitdepth: 8 | 10 = 8,
): FormatCase => ({
  format: 'AVIF',
  feature,
  make: async () => avifOf({ color: await color(bitdepth), properties: [nclx(primaries, transfer)] }),
  expected: { shows: showsPatches(meaning) },
});

/** The grey patches as video has them: black is 16, and white is 235. */
const limited = (depth: 8 | 10) => async () => {
  const toLimited = ([, g]: Values) => (16 + 219 * g) / 255;
  const rows = patchRows(PATCHES.map((values) => Array.from({ length: 3 }, () => toLimited(values))));
  return limitedRange(await monochromeAv1(pngOf(rows), { bitdepth: depth }));
};

const inGrey = ([, g]: Values) => inSrgb([g, g, g]);

const sRgbCurve = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);

/** Colors that are told without an ICC profile, and ranges as video has them. */
export const AVIF_COLORS: readonly FormatCase[] = [
  colors('code points (nclx): sRGB', inSrgb, 1, 13),
  colors('code points: Display P3', inP3, 12, 13),
  colors('code points: Display P3, 10 bits', inP3, 12, 13, 10),
  colors('code points: BT.709 of video, which stands for sRGB', inSrgb, 1, 1),
  colors('code points: BT.2020, with the curve of sRGB as in browsers', inBt2020(sRgbCurve), 9, 14),
  ...([8, 10] as const).map((depth) => ({
    format: 'AVIF',
    feature: `one plane of grey in limited range, ${depth} bits`,
    make: async () => avifOf({ color: await limited(depth)() }),
    expected: { shows: showsPatches(inGrey) },
  })),
  {
    format: 'AVIF',
    feature: 'transparency in limited range',
    make: async () => {
      const half = (alpha: number) => Array.from({ length: 32 }, () => [1, 0, 0, alpha / 255]);
      const rows = Array.from({ length: 32 }, () => [...half(16), ...half(235)]);
      const [red, alpha] = await av1Of(pngOf(rows));
      if (red === undefined || alpha === undefined) throw new Error('expected two images');
      return avifOf({ color: red, alpha: limitedRange(alpha) });
    },
    expected: { shows: showsHalves([255, 0, 0, 0], [255, 0, 0, 255]) },
  },
];

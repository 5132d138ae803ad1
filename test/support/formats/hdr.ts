import { differenceCiede2000 } from 'culori';
import sharp from 'sharp';
import { expect } from 'vitest';
import type { ConvertedImage } from '../convert-image.ts';
import { av1Of, avifOf, clli as avifClli, nclx } from '../avif.ts';
import { patchesIn, patchRows, PATCHES, SIDE } from '../patches.ts';
import { cicp, clli, mdcv, pngOf } from '../png.ts';
import { heic, heicWithCodes } from './heic.ts';
import type { FormatCase, Shows } from './format-case.ts';

type Shown = readonly (readonly [red: number, green: number, blue: number])[];

const WHITE = [255, 255, 255] as const;
const BLACK = [0, 0, 0] as const;
const CORNERS = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
] as const;

/**
 * What Chromium 156 shows of the test patches, on a screen in sRGB. Light above that of sRGB becomes less, which is
 * what browsers differ in, so there is no definition to compute it from.
 */
const CHROMIUM = {
  pq: [
    BLACK,
    [1, 1, 1],
    [30, 30, 30],
    [131, 131, 131],
    WHITE,
    WHITE,
    [255, 0, 0],
    [0, 88, 255],
    [0, 210, 0],
    ...CORNERS,
  ],
  pqInP3: [
    BLACK,
    [1, 1, 1],
    [30, 30, 30],
    [131, 131, 131],
    WHITE,
    WHITE,
    [255, 73, 0],
    [0, 88, 255],
    [0, 205, 0],
    ...CORNERS,
  ],
  pqTo400: [
    BLACK,
    [2, 2, 2],
    [39, 39, 39],
    [161, 161, 161],
    WHITE,
    WHITE,
    [255, 0, 0],
    [0, 88, 255],
    [0, 253, 0],
    ...CORNERS,
  ],
  pqTo4000: [
    BLACK,
    [1, 1, 1],
    [30, 30, 30],
    [131, 131, 131],
    [235, 235, 235],
    WHITE,
    [255, 0, 0],
    [0, 76, 236],
    [0, 208, 0],
    ...CORNERS,
  ],
  hlg: [
    BLACK,
    [5, 5, 5],
    [43, 43, 43],
    [99, 99, 99],
    [207, 207, 207],
    WHITE,
    [209, 89, 35],
    [0, 102, 174],
    [36, 128, 49],
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 249],
  ],
} satisfies Record<string, Shown>;

const TOLERANCE = 2;
const difference = differenceCiede2000();

/** Returns a check that the patches of a result are within ΔE 2000 ≤ 2 of what Chromium shows. */
function showsAsChromium(shown: Shown): Shows['shows'] {
  return async (result) => {
    const found = await patchesIn(result);
    const wrong = shown.flatMap(([r, g, b], index) => {
      const expected = { mode: 'rgb' as const, r: r / 255, g: g / 255, b: b / 255 };
      const patch = found[index];
      const delta = patch === undefined ? Number.POSITIVE_INFINITY : difference(expected, patch);
      return delta <= TOLERANCE ? [] : [{ values: PATCHES[index], expected, patch, delta }];
    });
    expect(wrong).toEqual([]);
  };
}

const LOSS = 'light that only an HDR display shows';

const hdr = (
  format: string,
  feature: string,
  shown: Shown,
  make: () => Buffer | Promise<Buffer>,
): FormatCase => ({
  format,
  feature: `HDR: ${feature}`,
  make,
  expected: { shows: showsAsChromium(shown), loss: LOSS },
});

const png =
  (...chunks: Buffer[]) =>
  () =>
    pngOf(patchRows(), { chunks, depth: 16 });

const avif =
  (bitdepth: 8 | 10, ...properties: Buffer[]) =>
  async () => {
    const [color] = await av1Of(pngOf(patchRows(), { depth: 16 }), { bitdepth });
    if (color === undefined) throw new Error('expected an image');
    return avifOf({ color, properties });
  };

export const HDR_PNG: readonly FormatCase[] = [
  hdr('PNG', 'PQ in BT.2020', CHROMIUM.pq, png(cicp(9, 16))),
  hdr('PNG', 'PQ in Display P3', CHROMIUM.pqInP3, png(cicp(12, 16))),
  hdr('PNG', 'PQ up to 400 cd/m² (`cLLI`)', CHROMIUM.pqTo400, png(cicp(9, 16), clli(400), mdcv(4000))),
  hdr('PNG', 'PQ from a display of 4,000 cd/m² (`mDCV`)', CHROMIUM.pqTo4000, png(cicp(9, 16), mdcv(4000))),
  hdr('PNG', 'HLG', CHROMIUM.hlg, png(cicp(9, 18))),
];

export const HDR_AVIF: readonly FormatCase[] = [
  hdr('AVIF', 'PQ', CHROMIUM.pq, avif(8, nclx(9, 16))),
  hdr('AVIF', 'PQ in 10 bits', CHROMIUM.pq, avif(10, nclx(9, 16))),
  hdr('AVIF', 'PQ up to 400 cd/m² (`clli`)', CHROMIUM.pqTo400, avif(10, nclx(9, 16), avifClli(400))),
  hdr('AVIF', 'HLG in 10 bits', CHROMIUM.hlg, avif(10, nclx(9, 18))),
];

/** Every second patch is half transparent. */
async function showsAsChromiumWithAlpha(result: ConvertedImage): Promise<void> {
  await showsAsChromium(CHROMIUM.pq)(result);
  const alpha = await sharp(result.bytes).extractChannel('alpha').raw().toBuffer();
  expect(PATCHES.map((_, index) => alpha[index * SIDE + SIDE / 2])).toEqual(
    PATCHES.map((_, index) => (index % 2 === 0 ? 255 : 128)),
  );
}

/** Made by `test/support/heic/make.c`: PQ in BT.2020, unless the case changes the code points. */
const heicOf = (name: string, primaries: number, transfer: number) => async () =>
  heicWithCodes(await heic(name), primaries, transfer);

export const HDR_HEIC: readonly FormatCase[] = [
  hdr('HEIC', 'PQ in 8 bits', CHROMIUM.pq, heicOf('hdr-8-bit', 9, 16)),
  hdr('HEIC', 'PQ in 10 bits', CHROMIUM.pq, heicOf('hdr', 9, 16)),
  hdr('HEIC', 'PQ in 10 bits, Display P3', CHROMIUM.pqInP3, heicOf('hdr', 12, 16)),
  {
    format: 'HEIC',
    feature: 'HDR: PQ in 10 bits, with transparency',
    make: heicOf('hdr-alpha', 9, 16),
    expected: { shows: showsAsChromiumWithAlpha, loss: LOSS },
  },
  hdr('HEIC', 'PQ up to 400 cd/m² (`clli`)', CHROMIUM.pqTo400, heicOf('hdr-clli', 9, 16)),
  hdr('HEIC', 'PQ from a display of 4,000 cd/m² (`mdcv`)', CHROMIUM.pqTo4000, heicOf('hdr-mdcv', 9, 16)),
  hdr('HEIC', 'HLG in 10 bits', CHROMIUM.hlg, heicOf('hdr', 9, 18)),
];

import { seededRandom } from '@millrace/local-aws/models';
import { expect, it } from 'vitest';
import { Rejected } from '../../src/core/errors.ts';
import { DEFAULT_RECIPE } from '../../src/core/recipe.ts';
import { decodeBmp } from '../../src/worker/conversion/image/bmp/decode.ts';
import { largestImage } from '../../src/worker/conversion/image/bmp/ico.ts';
import { cases, FUZZ_SEED } from '../support/fuzz.ts';
import { BMP } from '../support/formats/bmp.ts';
import { ICO } from '../support/formats/ico.ts';
import { damaged } from './damage.ts';

const CASES = cases(2_000);

// A picture of so many pixels takes milliseconds.
const LIMITS = { ...DEFAULT_RECIPE.limits, pixels: 100_000 };

// For 100,000 cases: FUZZ_SCALE=50 npx vitest run test/fuzz/bitmaps.test.ts
it.each([
  { format: 'BMP', from: BMP, decode: decodeBmp },
  { format: 'ICO', from: ICO, decode: largestImage },
])(
  `a damaged $format is decoded within its limits, or rejected with a code, in each of ${CASES.toLocaleString('en')} cases`,
  { timeout: 1000 * CASES },
  async ({ from, decode }) => {
    const bases = await Promise.all(from.map(async ({ make }) => Buffer.from(await make())));
    const codes = new Map<string, number>();
    for (let seed = FUZZ_SEED; seed < FUZZ_SEED + CASES; seed += 1) {
      const random = seededRandom(seed);
      const bytes = damaged(bases[seed % bases.length] ?? Buffer.alloc(0), random, bases);
      const code = outcomeOf(() => decode(bytes, LIMITS), seed);
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    // Damage that never matters, or always, would test little.
    for (const code of ['decoded', 'image.corrupt']) expect(codes.get(code), code).toBeGreaterThan(CASES / 5);
    expect(codes.get('image.too_many_pixels')).toBeGreaterThan(CASES / 500);
  },
);

function outcomeOf(decode: () => ReturnType<typeof largestImage>, seed: number): string {
  try {
    const image = decode();
    if (image instanceof Uint8Array) return 'a PNG';
    const { data, width, height, channels } = image.pixels;
    expect(data.byteLength, `case ${seed}`).toBe(width * height * channels);
    expect(width * height, `case ${seed}`).toBeLessThanOrEqual(LIMITS.pixels);
    return 'decoded';
  } catch (error) {
    if (error instanceof Rejected) return error.code;
    throw new Error(`case ${seed} is not rejected with a code`, { cause: error });
  }
}

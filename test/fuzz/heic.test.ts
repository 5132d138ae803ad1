import { seededRandom } from '@millrace/local-aws/models';
import { expect, it } from 'vitest';
import { Rejected } from '../../src/core/errors.ts';
import { DEFAULT_RECIPE } from '../../src/core/recipe.ts';
import { decodeHeic } from '../../src/worker/conversion/image/heic/decode.ts';
import { deadlineIn } from '../../src/worker/conversion/image/limits.ts';
import { cases, FUZZ_SEED } from '../support/fuzz.ts';
import { heic } from '../support/formats/heic.ts';
import { takesLong } from '../support/takes-long.ts';
import { damaged } from './damage.ts';

takesLong();

const CASES = cases(200);
const LIMITS = { ...DEFAULT_RECIPE.limits, pixels: 1_000_000 };
const SECONDS = 10;
const FILES = [
  'chroma-420',
  'rotated',
  'alpha',
  'ten-bit',
  'icc',
  'p3',
  'burst',
  'thumbnail',
  'hdr',
  'hdr-alpha',
];

// For 100,000 cases, which take hours: FUZZ_SCALE=500 npx vitest run test/fuzz/heic.test.ts
it(
  `a damaged HEIC is decoded within its limits, or rejected with a code, in each of ${CASES.toLocaleString('en')} cases`,
  { timeout: (SECONDS + 10) * 1000 * CASES },
  async () => {
    const bases = await Promise.all(FILES.map((name) => heic(name)));
    const codes = new Map<string, number>();
    for (let seed = FUZZ_SEED; seed < FUZZ_SEED + CASES; seed += 1) {
      const bytes = damaged(bases[seed % bases.length] ?? Buffer.alloc(0), seededRandom(seed), bases);
      const code = await outcomeOf(bytes, seed);
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    // Damage that never matters, or always, would test little.
    expect(codes.get('decoded')).toBeGreaterThan(CASES / 50);
    expect(codes.get('image.corrupt')).toBeGreaterThan(CASES / 4);
  },
);

async function outcomeOf(bytes: Buffer, seed: number): Promise<string> {
  try {
    const { pixels, hdr } = await decodeHeic(bytes, { ...LIMITS, deadline: deadlineIn(SECONDS) });
    const { data, width, height, channels } = pixels;
    expect(data.byteLength, `case ${seed}`).toBe(width * height * channels * (hdr?.bits === 16 ? 2 : 1));
    expect(width * height, `case ${seed}`).toBeLessThanOrEqual(LIMITS.pixels);
    return 'decoded';
  } catch (error) {
    if (error instanceof Rejected) return error.code;
    throw new Error(`case ${seed} is not rejected with a code`, { cause: error });
  }
}

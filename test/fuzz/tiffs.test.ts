import { seededRandom } from '@millrace/local-aws/models';
import { expect, it } from 'vitest';
import { Rejected } from '../../src/core/errors.ts';
import { DEFAULT_RECIPE } from '../../src/core/recipe.ts';
import { HEAD_BYTES, sniff } from '../../src/worker/conversion/sniff.ts';
import { deadlineIn } from '../../src/worker/conversion/image/limits.ts';
import { openTiff } from '../../src/worker/conversion/image/tiff/open-tiff.ts';
import { cases, FUZZ_SEED } from '../support/fuzz.ts';
import { RAW } from '../support/formats/raw.ts';
import { TIFF } from '../support/formats/tiff.ts';
import { TIFF_SAMPLES } from '../support/formats/tiff-samples.ts';
import { damaged } from './damage.ts';

const CASES = cases(2_000);
/** A picture of so many pixels takes milliseconds. */
const LIMITS = { ...DEFAULT_RECIPE.limits, pixels: 100_000 };

// For 100,000 cases: FUZZ_SCALE=50 npx vitest run test/fuzz/tiffs.test.ts
it(
  `a damaged TIFF is opened or rejected with a code, in each of ${CASES.toLocaleString('en')} cases`,
  { timeout: 1000 * CASES },
  async () => {
    const bases = await Promise.all(
      [...TIFF, ...TIFF_SAMPLES, ...RAW].map(async ({ make }) => Buffer.from(await make())),
    );
    const codes = new Map<string, number>();
    for (let seed = FUZZ_SEED; seed < FUZZ_SEED + CASES; seed += 1) {
      const random = seededRandom(seed);
      const bytes = damaged(bases[seed % bases.length] ?? Buffer.alloc(0), random, bases);
      const code = await outcomeOf(bytes, seed);
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    // Damage that never matters, or always, would test little.
    expect(codes.get('opened as camera RAW')).toBeGreaterThan(CASES / 50);
    for (const code of ['opened', 'image.unsupported_format', 'image.corrupt'])
      expect(codes.get(code), code).toBeGreaterThan(CASES / 20);
  },
);

async function outcomeOf(bytes: Buffer, seed: number): Promise<string> {
  try {
    const contentType = (await sniff(bytes.subarray(0, HEAD_BYTES))) ?? 'image/tiff';
    const within = { ...LIMITS, deadline: deadlineIn(30) };
    const { image, inspected } = await openTiff(bytes, contentType, within, 1);
    if (inspected.previewOf !== undefined) return 'opened as camera RAW';
    if (image instanceof Uint8Array) return 'opened';
    const { data, width, height, channels } = image;
    expect(data.byteLength, `case ${seed}`).toBe(width * height * channels);
    expect({ width, height }, `case ${seed}`).toEqual(inspected.size);
    return 'opened';
  } catch (error) {
    if (error instanceof Rejected) return error.code;
    throw new Error(`case ${seed} is not rejected with a code`, { cause: error });
  }
}

import { crc32 } from 'node:zlib';
import { seededRandom } from '@millrace/local-aws/models';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { Rejected } from '../../src/core/errors.ts';
import { DEFAULT_RECIPE } from '../../src/core/recipe.ts';
import { translateSharpError } from '../../src/worker/conversion/image/errors.ts';
import { deadlineIn } from '../../src/worker/conversion/image/limits.ts';
import { openImage } from '../../src/worker/conversion/image/open.ts';
import { APNG } from '../support/formats/apng.ts';
import { cases, FUZZ_SEED } from '../support/fuzz.ts';
import { damaged } from './damage.ts';

const CASES = cases(1_000);
const LIMITS = { ...DEFAULT_RECIPE.limits, pixels: 100_000, pages: 20 };

// For 100,000 cases: FUZZ_SCALE=100 npx vitest run test/fuzz/apngs.test.ts
it(
  `a damaged APNG is opened or rejected with a code, in each of ${CASES.toLocaleString('en')} cases`,
  { timeout: 1000 * CASES },
  async () => {
    const bases = await Promise.all(APNG.map(async ({ make }) => Buffer.from(await make())));
    const codes = new Map<string, number>();
    for (let seed = FUZZ_SEED; seed < FUZZ_SEED + CASES; seed += 1) {
      const random = seededRandom(seed);
      const bytes = damaged(bases[seed % bases.length] ?? Buffer.alloc(0), random, bases);
      // A wrong checksum would hide most damage.
      const code = await outcomeOf(random() < 0.8 ? withChecksums(bytes) : bytes, seed);
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    // Damage that never matters, or always, would test little.
    expect(codes.get('opened')).toBeGreaterThan(CASES / 50);
    expect(codes.get('image.corrupt')).toBeGreaterThan(CASES / 4);
    expect(codes.get('image.too_many_pixels')).toBeGreaterThan(0);
  },
);

function withChecksums(bytes: Buffer): Buffer {
  for (let at = 8; at + 12 <= bytes.byteLength;) {
    const end = at + 12 + bytes.readUInt32BE(at);
    if (end > bytes.byteLength) break;
    bytes.writeUInt32BE(crc32(bytes.subarray(at + 4, end - 4)), end - 4);
    at = end;
  }
  return bytes;
}

async function outcomeOf(bytes: Buffer, seed: number): Promise<string> {
  try {
    const within = { ...LIMITS, deadline: deadlineIn(30) };
    const { image, inspected } = await openImage(bytes, 'image/apng', within, {
      page: 1,
      animated: true,
      renditions: [],
    });
    expect(inspected.size.width * inspected.size.height * inspected.frames).toBeLessThanOrEqual(
      LIMITS.pixels,
    );
    expect(inspected.frames, `case ${seed}`).toBeLessThanOrEqual(LIMITS.pages);
    if (!(image instanceof Uint8Array)) throw new Error('expected a file');
    // A file that browsers show as a still is decoded later.
    await sharp(image, { animated: true })
      .stats()
      .catch(async (error: unknown) => {
        throw image === bytes ? await translateSharpError(error) : error;
      });
    return 'opened';
  } catch (error) {
    if (error instanceof Rejected) return error.code;
    throw new Error(`case ${seed} is not rejected with a code`, { cause: error });
  }
}

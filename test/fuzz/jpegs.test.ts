import { seededRandom } from '@millrace/local-aws/models';
import { expect, it } from 'vitest';
import { repairedJpeg } from '../../src/worker/conversion/image/repair/jpeg.ts';
import { cases, FUZZ_SEED } from '../support/fuzz.ts';
import { JPEG } from '../support/formats/jpeg.ts';
import { JPEG_ODDITIES } from '../support/formats/jpeg-oddities.ts';
import { damaged } from './damage.ts';

const CASES = cases(5_000);

// For 100,000 cases: FUZZ_SCALE=20 npx vitest run test/fuzz/jpegs.test.ts
it(
  `a damaged JPEG is corrected or left as it is, in each of ${CASES.toLocaleString('en')} cases`,
  { timeout: 100 * CASES },
  async () => {
    const bases = await Promise.all(
      [...JPEG, ...JPEG_ODDITIES].map(async ({ make }) => Buffer.from(await make())),
    );
    let corrected = 0;
    for (let seed = FUZZ_SEED; seed < FUZZ_SEED + CASES; seed += 1) {
      const random = seededRandom(seed);
      const bytes = damaged(bases[seed % bases.length] ?? Buffer.alloc(0), random, bases);
      const found = repairedJpeg(bytes);
      if (found === undefined) continue;
      corrected += 1;
      expect(found.bytes.byteLength, `case ${seed}`).toBeLessThanOrEqual(bytes.byteLength + 2);
      if (found.endAdded) expect([...found.bytes.subarray(-2)], `case ${seed}`).toEqual([0xff, 0xd9]);
    }
    // Damage that never matters, or always, would test little.
    expect(corrected).toBeGreaterThan(CASES / 5);
    expect(corrected).toBeLessThan(CASES);
  },
);

import { seededRandom } from '@millrace/local-aws/models';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { Rejected } from '../../src/core/errors.ts';
import { DEFAULT_RECIPE, parseRecipe } from '../../src/core/recipe.ts';
import { convertImage } from '../support/convert-image.ts';
import { cases, FUZZ_SEED } from '../support/fuzz.ts';
import * as images from '../support/images.ts';
import {
  avifWithMetadata,
  jpegWithMetadata,
  pngWithMetadata,
  SECRET,
  webpWithMetadata,
} from '../support/with-metadata.ts';
import { damaged } from './damage.ts';

const CASES = cases(2_000);
const SIDE = 48;

/** Qualities that make every encoding large. */
const rendition = (options: object) =>
  parseRecipe(
    JSON.stringify({
      renditions: [
        { name: 'same', format: 'source', quality: 100, effort: 0, compressionLevel: 0, ...options },
      ],
      limits: { ...DEFAULT_RECIPE.limits, pixels: 100_000 },
    }),
  );
const KEEPING = rendition({ keepSmaller: true });
const ENCODING = rendition({});

/** Images with metadata of all kinds. */
async function bases(): Promise<Buffer[]> {
  const photo = await images.photo();
  const small = () => sharp(photo).resize(SIDE, SIDE);
  const transparent = sharp(await small().png().toBuffer()).ensureAlpha(0.5);
  return [
    jpegWithMetadata(await small().jpeg({ quality: 40 }).toBuffer()),
    jpegWithMetadata(await small().jpeg({ quality: 40, progressive: true }).toBuffer()),
    jpegWithMetadata(await small().greyscale().jpeg({ quality: 40 }).toBuffer()),
    pngWithMetadata(await small().png({ palette: true }).toBuffer()),
    pngWithMetadata(await small().png({ progressive: true }).toBuffer()),
    webpWithMetadata(await small().webp({ quality: 40 }).toBuffer(), SIDE, SIDE),
    webpWithMetadata(await small().webp({ lossless: true }).toBuffer(), SIDE, SIDE),
    webpWithMetadata(await transparent.webp({ quality: 40 }).toBuffer(), SIDE, SIDE, true),
    avifWithMetadata(await small().avif({ quality: 40 }).toBuffer(), { width: SIDE, height: SIDE }),
    avifWithMetadata(await transparent.avif({ quality: 40 }).toBuffer(), { width: SIDE, height: SIDE }),
  ];
}

async function converted(bytes: Buffer, recipe: typeof KEEPING): Promise<Uint8Array | undefined> {
  try {
    return (await convertImage(bytes, recipe, 'stamp'))[0]?.bytes;
  } catch (error) {
    if (error instanceof Rejected) return undefined;
    throw error;
  }
}

const pixels = (bytes: Uint8Array, failOn: 'warning' | 'none') => sharp(bytes, { failOn }).raw().toBuffer();

// For 100,000 cases: FUZZ_SCALE=50 npx vitest run test/fuzz/kept-images.test.ts
it(
  `a damaged image is kept with the same pixels and no metadata, or not at all, in each of ${CASES.toLocaleString('en')} cases`,
  { timeout: 1000 * CASES },
  async () => {
    const all = await bases();
    let [kept, encoded] = [0, 0];
    for (let seed = FUZZ_SEED; seed < FUZZ_SEED + CASES; seed += 1) {
      const source = damaged(all[seed % all.length] ?? Buffer.alloc(0), seededRandom(seed), all);
      const result = await converted(source, KEEPING);
      if (result === undefined) continue;
      const ordinary = await converted(source, ENCODING);
      if (ordinary !== undefined && Buffer.compare(result, ordinary) === 0) {
        encoded += 1;
        continue;
      }
      kept += 1;
      expect(Buffer.from(result).includes(SECRET), `case ${seed}`).toBe(false);
      const { exif, icc, iptc, comments } = await sharp(result).metadata();
      expect({ exif, icc, iptc, comments }, `case ${seed}`).toEqual({});
      // Sources with faults that browsers ignore are repaired.
      const [before, after] = await Promise.all([pixels(source, 'none'), pixels(result, 'warning')]);
      expect(Buffer.compare(before, after), `case ${seed}`).toBe(0);
    }
    // Damage that never matters, or always, would test little.
    expect(kept).toBeGreaterThan(CASES / 20);
    expect(encoded).toBeGreaterThan(CASES / 500);
    expect(kept + encoded).toBeLessThan(CASES * 0.9);
  },
);

import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { Rejected } from '../../../src/core/errors.ts';
import { parseRecipe } from '../../../src/core/recipe.ts';
import { bestThatFits, lowerQualities } from '../../../src/worker/conversion/image/lower-quality.ts';
import { renderOne } from '../../../src/worker/conversion/image/render-one.ts';
import { convertImage } from '../../support/convert-image.ts';
import { fc } from '../../support/fuzz.ts';
import * as images from '../../support/images.ts';
import { rendered } from '../../support/rendered.ts';

const photo = async (size = 160) =>
  sharp(await images.photo())
    .resize(size)
    .png()
    .toBuffer();

/** Three frames of a photo, each turned further. */
async function animation(): Promise<Buffer> {
  const source = await photo(60);
  const frames = [0, 90, 180].map((angle) => sharp(source).resize(60, 60).rotate(angle).png().toBuffer());
  return sharp(await Promise.all(frames), { join: { animated: true } })
    .webp({ lossless: true })
    .toBuffer();
}

/** The sizes of a rendition at some qualities. */
async function sizes(source: Uint8Array, rendition: object, qualities: readonly number[]) {
  const made = qualities.map((quality) => rendered(source, { ...rendition, quality }));
  return (await Promise.all(made)).map(({ byteLength }) => byteLength);
}

async function rejection(source: Uint8Array, rendition: object): Promise<Rejected> {
  const result = await rendered(source, rendition).catch((error: unknown) => error);
  if (!(result instanceof Rejected)) throw new Error('expected a rejection', { cause: result });
  return result;
}

describe('the search for a quality', () => {
  const sizeByQuality = fc.uniqueArray(fc.nat(1000), { minLength: 0, maxLength: 31 });

  it('ends with what fits, next to what does not, after at most five attempts', async () => {
    await fc.assert(
      fc.asyncProperty(sizeByQuality, fc.nat(1000), async (all, most) => {
        const tried: number[] = [];
        const make = (quality: number) => Promise.resolve(tried.push(quality) && quality);
        const fits = (quality: number) => (all[quality] ?? 0) <= most;
        const found = await bestThatFits([...all.keys()], make, fits);
        expect(tried.length).toBeLessThanOrEqual(5);
        if (found !== undefined) expect(fits(found)).toBe(true);
        const next = (found ?? -1) + 1;
        if (next < all.length) {
          expect(fits(next)).toBe(false);
          expect(tried).toContain(next);
        }
      }),
    );
  });

  it('finds the greatest quality that fits, wherever more quality takes more bytes', async () => {
    await fc.assert(
      fc.asyncProperty(sizeByQuality, fc.nat(1000), async (all, most) => {
        const sorted = all.toSorted((a, b) => a - b);
        const fitting = sorted.findLast((size) => size <= most);
        const make = (quality: number) => Promise.resolve(sorted[quality]);
        expect(await bestThatFits([...sorted.keys()], make, (size = 0) => size <= most)).toBe(fitting);
      }),
    );
  });

  it('chooses from qualities below the one of the recipe, down to 10', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), (quality) => {
        const lower = lowerQualities(quality);
        expect(lower).toEqual([...new Set(lower)].toSorted((a, b) => a - b));
        expect(lower.length).toBe(Math.min(31, Math.max(0, quality - 10)));
        if (quality <= 10) return;
        expect([lower[0], lower.at(-1)]).toEqual([10, quality - 1]);
      }),
    );
  });
});

it.each(['jpeg', 'webp', 'avif'])(
  '%s has the greatest quality at which it is small enough',
  async (format) => {
    const source = await photo();
    const qualities = lowerQualities(60);
    const all = await sizes(source, { format }, [...qualities, 60]);
    const [least = 0, most = 0] = [all[0], all.at(-1)];
    for (const part of [0.1, 0.5, 0.9]) {
      const maxBytes = Math.round(least + part * (most - least));
      const result = await rendered(source, { format, quality: 60, maxBytes });
      expect(result.byteLength).toBeLessThanOrEqual(maxBytes);
      const at = all.findLastIndex((size) => size === result.byteLength);
      expect(at).toBeGreaterThanOrEqual(0);
      expect(all[at + 1]).toBeGreaterThan(maxBytes);
      const alike = await rendered(source, { format, quality: qualities[at] });
      expect(Buffer.compare(result, alike)).toBe(0);
    }
  },
);

it('a result that is small enough has the quality of the recipe', async () => {
  const source = await photo();
  const ordinary = await rendered(source, {});
  const fitting = await rendered(source, { maxBytes: ordinary.byteLength });
  expect(Buffer.compare(fitting, ordinary)).toBe(0);
});

it('each of several renditions has its own size, from one decode', async () => {
  const recipe = parseRecipe(
    JSON.stringify({
      renditions: [
        { name: 'large', maxBytes: 3000 },
        { name: 'small', width: 80, maxBytes: 1500 },
        { name: 'free', width: 100 },
      ],
    }),
  );
  const [large, small, free] = await convertImage(await photo(), recipe, 'stamp');
  expect(large?.bytes.byteLength).toBeLessThanOrEqual(3000);
  expect(small?.bytes.byteLength).toBeLessThanOrEqual(1500);
  expect([small?.width, free?.width]).toEqual([80, 100]);
});

it('an animation keeps its frames', async () => {
  const source = await animation();
  const ordinary = await rendered(source, {});
  const maxBytes = Math.round(ordinary.byteLength * 0.8);
  const result = await rendered(source, { maxBytes });
  expect(result.byteLength).toBeLessThanOrEqual(maxBytes);
  expect(await sharp(result, { animated: true }).metadata()).toMatchObject({ pages: 3, pageHeight: 60 });
});

it('transparent parts stay transparent', async () => {
  const source = await sharp(await photo())
    .ensureAlpha(0.5)
    .png()
    .toBuffer();
  const maxBytes = Math.round((await rendered(source, {})).byteLength * 0.7);
  const result = await rendered(source, { maxBytes });
  expect(result.byteLength).toBeLessThanOrEqual(maxBytes);
  expect((await sharp(result).stats()).isOpaque).toBe(false);
});

it('the stamp counts', async () => {
  const source = await photo();
  const { byteLength: maxBytes } = await rendered(source, {});
  const recipe = parseRecipe(JSON.stringify({ renditions: [{ name: 'web', maxBytes }] }));
  const [result] = await convertImage(source, recipe, 'a longer stamp'.repeat(10));
  expect(result?.bytes.byteLength).toBeLessThanOrEqual(maxBytes);
});

describe('with lossless: smaller', () => {
  it('a drawing that is small enough stays lossless', async () => {
    const flat = await images.halves('#ff0000', '#0000ff', 120, 80).png().toBuffer();
    const options = { lossless: 'smaller', quality: 60 };
    const ordinary = await rendered(flat, options);
    expect(Buffer.compare(await rendered(flat, { ...options, maxBytes: 1000 }), ordinary)).toBe(0);
  });

  it('a photo loses quality', async () => {
    const source = await photo();
    const maxBytes = Math.round((await rendered(source, {})).byteLength * 0.7);
    const result = await rendered(source, { maxBytes, lossless: 'smaller' });
    expect(Buffer.compare(result, await rendered(source, { maxBytes }))).toBe(0);
  });
});

describe('an upload is rejected', () => {
  it.each(['jpeg', 'webp', 'avif'])(
    'if it is too large even at the lowest quality, as %s',
    async (format) => {
      const source = await photo(400);
      const [least = 0] = await sizes(source, { format }, [10]);
      expect(await rendered(source, { format, maxBytes: least })).toHaveLength(least);
      expect(await rejection(source, { format, maxBytes: least - 1 })).toMatchObject({
        code: 'image.too_many_bytes',
        message: `the rendition web has ${least.toLocaleString('en')} bytes at best, even at quality 10; its maxBytes is ${(least - 1).toLocaleString('en')}`,
      });
    },
  );

  it('if its quality is so low that it is not lowered', async () => {
    expect((await rejection(await photo(400), { quality: 5, maxBytes: 1000 })).message).toContain(
      'even at quality 5; its maxBytes is 1,000',
    );
  });

  it.each(['png', 'gif', 'tiff', 'webp'] as const)(
    'if its format %s is kept, which has no quality to lower',
    async (format) => {
      const lossless = format === 'webp';
      const source = await sharp(await photo(100))
        .toFormat(format)
        .toBuffer();
      expect((await rejection(source, { format: 'source', lossless, maxBytes: 1000 })).message).toMatch(
        /^the rendition web has [\d,]+ bytes and no quality that could be lowered; its maxBytes is 1,000$/,
      );
    },
  );

  it('when its time is over, between two encodings', async () => {
    const [rendition] = parseRecipe('{"renditions":[{"name":"web","maxBytes":1000}]}').renditions;
    if (rendition === undefined) throw new Error('expected a rendition');
    const source = await photo();
    const size = { width: 160, height: 106 };
    const open = () => sharp(source);
    const limited = () => {
      throw new Rejected('conversion.timeout', 'its time is over');
    };
    const plan = {
      rendition,
      geometry: { scaled: size, size },
      animated: false,
      original: size,
      background: undefined,
    };
    const made = renderOne({ ...plan, format: 'webp' }, { open, firstFrame: open, limited }, 'stamp');
    await expect(made).rejects.toMatchObject({ code: 'conversion.timeout' });
  });
});

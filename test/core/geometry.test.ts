import { cases, fc } from '../support/fuzz.ts';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { parseRecipe } from '../../src/core/recipe.ts';
import { FITS } from '../../src/core/framing.ts';
import type { Rendition } from '../../src/core/rendition.ts';
import { geometryOf, neededSize } from '../../src/core/geometry.ts';

const side = fc.integer({ min: 1, max: 4000 });
const source = fc.record({ width: side, height: side });
const box = fc.record({ width: side, height: side });

function rendition(more: Partial<Rendition>): Rendition {
  const [parsed] = parseRecipe(JSON.stringify({ renditions: [{ name: 'r', ...more }] })).renditions;
  if (parsed === undefined) throw new Error('expected a rendition');
  return parsed;
}

describe('the size of a rendition', () => {
  it('is never 0, and never larger than the source unless enlargement is allowed', () => {
    fc.assert(
      fc.property(
        source,
        box,
        fc.constantFrom(...FITS.filter((fit) => fit !== 'contain')),
        fc.boolean(),
        (original, { width, height }, fit, enlarge) => {
          const { size, scaled } = geometryOf(original, rendition({ width, height, fit, enlarge }));
          for (const each of [
            size.width,
            size.height,
            scaled.width - size.width + 1,
            scaled.height - size.height + 1,
          ]) {
            expect(each).toBeGreaterThanOrEqual(1);
          }
          if (enlarge) return;
          expect(size.width).toBeLessThanOrEqual(original.width);
          expect(size.height).toBeLessThanOrEqual(original.height);
        },
      ),
    );
  });

  it('is inside, outside or exactly the box', () => {
    fc.assert(
      fc.property(source, box, (original, { width, height }) => {
        const of = (fit: Rendition['fit']) =>
          geometryOf(original, rendition({ width, height, fit, enlarge: true })).size;
        expect([of('cover'), of('fill')]).toEqual([
          { width, height },
          { width, height },
        ]);
        const [inside, outside] = [of('inside'), of('outside')];
        expect(inside.width <= width && inside.height <= height).toBe(true);
        expect(inside.width === width || inside.height === height).toBe(true);
        expect(outside.width >= width && outside.height >= height).toBe(true);
      }),
    );
  });

  it('keeps the aspect ratio, to a pixel', () => {
    fc.assert(
      fc.property(source, side, (original, width) => {
        const { size } = geometryOf(original, rendition({ width, enlarge: true }));
        expect(
          Math.abs(size.height - Math.max(1, (size.width * original.height) / original.width)),
        ).toBeLessThanOrEqual(0.5 + 1e-9);
      }),
    );
  });

  it("matches sharp's for the same box; half pixels, which sharp rounds either way, are rounded up", async () => {
    const small = fc.integer({ min: 1, max: 300 });
    await fc.assert(
      fc.asyncProperty(small, small, small, small, async (width, height, boxWidth, boxHeight) => {
        const { size } = geometryOf({ width, height }, rendition({ width: boxWidth, height: boxHeight }));
        const { info } = await sharp({ create: { width, height, channels: 3, background: 'red' } })
          .resize({ width: boxWidth, height: boxHeight, fit: 'inside', withoutEnlargement: true })
          .raw()
          .toBuffer({ resolveWithObject: true });
        const halfPixel =
          (size.height === boxHeight && (2 * width * boxHeight) % (2 * height) === height) ||
          (size.width === boxWidth && (2 * height * boxWidth) % (2 * width) === width);
        if (!halfPixel) expect(size).toEqual({ width: info.width, height: info.height });
        expect([0, 1]).toContain(size.width - info.width);
        expect([0, 1]).toContain(size.height - info.height);
      }),
      {
        numRuns: cases(300),
        examples: [
          [58, 116, 4, 7],
          [250, 300, 297, 249],
          [147, 294, 64, 31],
        ],
      },
    );
  });
});

describe('the size that renditions need of their original', () => {
  const original = { width: 3000, height: 1000 };
  const sizeFor = (...renditions: Partial<Rendition>[]) => neededSize(original, renditions.map(rendition));

  it('is the smallest from which all can be made, which can be turned or without their border', () => {
    expect(sizeFor({ width: 300 })).toEqual({ width: 300, height: 100 });
    expect(sizeFor({ width: 300 }, { height: 200 })).toEqual({ width: 600, height: 200 });
    expect(sizeFor({ width: 50, rotate: 90, animated: false })).toEqual({ width: 150, height: 50 });
    expect(sizeFor({ width: 300, trim: 10, animated: false })).toEqual(original);
    expect(sizeFor({ width: 6000, enlarge: true })).toEqual({ width: 6000, height: 2000 });
  });

  it('has the proportions of the original, even if a rendition is distorted', () => {
    expect(sizeFor({ width: 90, height: 200, fit: 'fill' })).toEqual({ width: 600, height: 200 });
    expect(sizeFor({ width: 90, fit: 'fill' })).toEqual(original);
    const distorted = { height: 200, width: 90, fit: 'fill', rotate: 90, animated: false } as const;
    expect(sizeFor(distorted)).toEqual({ width: 270, height: 90 });
  });
});

import { describe, expect, it } from 'vitest';
import { conversionSeconds } from '../../../src/cli/estimate/conversion-seconds.ts';
import { parseRecipe, type RecipeInput } from '../../../src/core/recipe.ts';
import { fc } from '../../support/fuzz.ts';

type Input = NonNullable<RecipeInput['renditions']>[number];
const renditions = (...list: Omit<Input, 'name'>[]) =>
  parseRecipe(JSON.stringify({ renditions: list.map((each, index) => ({ name: `r${index}`, ...each })) }))
    .renditions;
const ladder = (more: Omit<Input, 'name'>) =>
  renditions(...[1600, 800, 320].map((side) => ({ width: side, height: side, ...more })));

describe('the time per photo', () => {
  // Photos of 10.5 megapixels, three objects in flight, on one core: docs/performance.md.
  it('is the measured one, within a twentieth', () => {
    expect(conversionSeconds(10.5, ladder({ format: 'jpeg' })) / (0.84 * 0.289)).toBeCloseTo(1, 1);
    expect(conversionSeconds(10.5, ladder({ effort: 4 })) / (0.89 * 0.598)).toBeCloseTo(1, 1);
  });

  it('grows with the size of the photo and each rendition', () => {
    const side = fc.integer({ min: 1, max: 4000 });
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 100, noNaN: true }), side, side, (megapixels, one, other) => {
        const [first, second] = [{ width: one }, { width: other }];
        const alone = conversionSeconds(megapixels, renditions(first));
        expect(alone).toBeGreaterThan(0);
        // The wider one determines how much of the source is decoded.
        const [wide, both] = [
          conversionSeconds(megapixels, renditions(one > other ? first : second)),
          conversionSeconds(megapixels, renditions(first, second)),
        ];
        expect(both).toBeGreaterThan(wide);
      }),
    );
    const web = renditions({ width: 1600, height: 1600 });
    expect(conversionSeconds(24, web)).toBeGreaterThan(conversionSeconds(12, web));
  });

  it('does not count pixels that a rendition does not have', () => {
    const whole = conversionSeconds(1, renditions({}));
    expect(conversionSeconds(1, renditions({ width: 1600, height: 1600 }))).toBe(whole);
    expect(conversionSeconds(1, renditions({ width: 320 }))).toBeLessThan(whole);
  });

  it("grows with the encoder's effort", () => {
    for (const [format, efforts] of [
      ['webp', 7],
      ['avif', 5],
    ] as const) {
      const times = Array.from({ length: efforts }, (_, effort) =>
        conversionSeconds(12, renditions({ width: 1600, format, effort })),
      );
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(new Set(times).size).toBe(efforts);
    }
  });

  it("treats a photo in its source's format as JPEG", () => {
    const as = (format: Input['format']) => conversionSeconds(12, renditions({ width: 800, format }));
    expect(as('source')).toBe(as('jpeg'));
  });

  it('halves the decoding time if libjpeg shrinks the photo', () => {
    const [near, far] = [1001, 1000].map((width) =>
      conversionSeconds(12, renditions({ width, format: 'jpeg' })),
    ) as [number, number];
    expect(near - far).toBeCloseTo(0.066, 2);
  });

  it('is an error for an encoder option that was not measured', () => {
    for (const [format, options] of [
      ['jpeg', { mozjpeg: true }],
      ['webp', { lossless: true }],
      ['webp', { nearLossless: true }],
      ['png', { palette: true }],
      ['png', { compressionLevel: 9 }],
      ['jpeg', { maxBytes: 100_000 }],
    ] as const)
      expect(() => conversionSeconds(12, renditions({ format, ...options }))).toThrow(
        `the rendition r0 has ${Object.keys(options)[0]}, whose time is not known`,
      );
    expect(() => conversionSeconds(12, renditions({ format: 'jpeg', progressive: true }))).not.toThrow();
  });

  it('is an error for an effort that was not measured', () => {
    expect(() => conversionSeconds(12, renditions({ format: 'avif', effort: 5 }))).toThrow(
      'the rendition r0 has avif with effort 5, whose time is not known',
    );
  });
});

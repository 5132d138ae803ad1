import { describe, expect, it } from 'vitest';
import { cases, fc, FUZZ_SEED } from './fuzz.ts';

const BOUND = 40;

/** The lengths of a hundred values. */
const lengths = (values: fc.Arbitrary<{ length: number }>) =>
  fc.sample(values, 100).map(({ length }) => length);

describe('a property', () => {
  it.each([
    ['an array', fc.array(fc.nat(), { maxLength: BOUND })],
    ['an array of different elements', fc.uniqueArray(fc.nat(), { maxLength: BOUND })],
    ['a string', fc.string({ maxLength: BOUND })],
    ['bytes', fc.uint8Array({ maxLength: BOUND })],
  ])('generates %s of every length up to its bound', (_what, values) => {
    const drawn = lengths(values);
    expect(Math.max(...drawn)).toBeGreaterThanOrEqual(BOUND);
    expect(drawn.filter((length) => length > BOUND / 2).length).toBeGreaterThan(20);
    expect(drawn.filter((length) => length < BOUND / 4).length).toBeGreaterThan(10);
  });

  it('gets the same values in every run', () => {
    const seen = () => {
      const values: number[] = [];
      fc.assert(fc.property(fc.nat(), (value) => void values.push(value)));
      return values;
    };
    const [first, second] = [seen(), seen()];
    expect(first).toHaveLength(cases(100));
    expect(second).toEqual(first);
  });

  it('that fails names the seed to replay it', () => {
    expect(() => fc.assert(fc.property(fc.nat(), (value) => value < 5))).toThrow(`seed: ${FUZZ_SEED},`);
  });
});

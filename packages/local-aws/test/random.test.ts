import { expect, it } from 'vitest';
import { seededRandom } from '../src/random.ts';

const numbers = (seed: number) => {
  const random = seededRandom(seed);
  return Array.from({ length: 10_000 }, () => random());
};

it('a seed always gives the same numbers, and another seed gives others', () => {
  expect(numbers(7)).toEqual(numbers(7));
  expect(numbers(7).slice(0, 10)).not.toEqual(numbers(8).slice(0, 10));
});

it('the numbers are spread over all of [0, 1), in any order', () => {
  const all = numbers(1);
  expect(all.every((number) => number >= 0 && number < 1)).toBe(true);
  const inTenth = Array.from({ length: 10 }, (_, tenth) =>
    all.filter((number) => Math.floor(number * 10) === tenth),
  );
  for (const { length } of inTenth) expect(Math.abs(length - 1000)).toBeLessThan(150);
  const rises = all.filter((number, index) => number > (all[index - 1] ?? 0)).length;
  expect(Math.abs(rises - 5000)).toBeLessThan(200);
  expect(new Set(all).size).toBeGreaterThan(9990);
});

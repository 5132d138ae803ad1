import { expect, it } from 'vitest';
import { conversionRequests, estimateCost, lambdaSecond } from '../../src/core/cost.ts';

/** The formula of docs/deploy.md for a million objects, with R = 1 and b = 10. */
it('is the formula of the deployment document', () => {
  expect(1e6 * lambdaSecond('arm64', 1769)).toBeCloseTo(23.0, 1);
  expect(1e6 * conversionRequests(1, 10)).toBeCloseTo(5 + 0.4 * 2 + 0.4 * 1.2 + 0.625 * 2, 6);
  expect(estimateCost(1e6, 1)).toBeCloseTo(23.034 * 0.35 + 0.2 / 10 + 5 + 0.4 * 2 + 0.4 * 1.2 + 0.625 * 2, 2);
});

it('counts each further rendition with its part of the time, its storing and its look', () => {
  const each = 1e6 * (estimateCost(1, 3) - estimateCost(1, 2));
  expect(each).toBeCloseTo(23.034 * 0.1 + 5 + 0.4, 2);
});

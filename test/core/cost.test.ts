import { expect, it } from 'vitest';
import { conversionRequests, costOf, lambdaSecond, totalOf, type Work } from '../../src/core/cost.ts';
import { fc } from '../support/fuzz.ts';

const PHOTOS: Work = {
  objects: 1e6,
  renditions: 3,
  seconds: 0.25,
  batchSize: 10,
  megabytes: 1769,
  architecture: 'arm64',
};

/** The formula of docs/deploy.md for a million objects. */
it('is the formula in the deployment document', () => {
  expect(1e6 * lambdaSecond('arm64', 1769)).toBeCloseTo(23.0, 1);
  expect(1e6 * conversionRequests(1, 10)).toBeCloseTo(5 + 0.4 * 2 + 0.4 * 1.2 + 0.625 * 2, 6);
  const { lambda, s3, sqs, dynamoDb } = costOf(PHOTOS);
  expect(lambda).toBeCloseTo(23.034 * 0.25 + 0.2 / 10, 2);
  expect(s3).toBeCloseTo(5 * 3 + 0.4 * 4, 6);
  expect(sqs).toBeCloseTo(0.4 * 1.2, 6);
  expect(dynamoDb).toBeCloseTo(0.625 * 2, 6);
});

it('is the sum of its parts, and the same per object for any number of objects', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), (objects) => {
      const cost = costOf({ ...PHOTOS, objects });
      const total = totalOf(cost);
      expect(cost.lambda + cost.s3 + cost.sqs + cost.dynamoDb).toBeCloseTo(total, 6);
      expect(total / objects).toBeCloseTo(totalOf(costOf(PHOTOS)) / 1e6, 12);
    }),
  );
});

import { describe, expect, it } from 'vitest';
import { describeEstimate } from '../../../src/cli/estimate/describe.ts';
import type { Estimate, Workload } from '../../../src/cli/estimate/estimate-of.ts';
import { hintsOf } from '../../../src/cli/estimate/hints.ts';

const WORKLOAD: Workload = {
  objects: 1200,
  renditions: 2,
  coreSeconds: 0.5,
  megabytes: 1769,
  timing: { batchSize: 10, functionTimeoutSeconds: 900, beginSeconds: 5 },
  scaling: { concurrency: 50 },
  accountConcurrency: 1000,
};

const ESTIMATE: Estimate = {
  drained: { seconds: 3700, invocations: 120, concurrency: 50, concurrencySeconds: 9 },
  ramp: { start: 5, perSecond: 5, limit: 50, limitedBy: 'maximum-concurrency' },
  batchSize: 10,
  secondsEach: 0.5,
  objectsPerSecond: 1234.6,
  cost: { lambda: 1.5, s3: 1000, sqs: 0, dynamoDb: 0.25, eventPollers: 0 },
  dollars: 1001.75,
};

function described(estimate: Partial<Estimate>, workload: Partial<Workload> = {}, megapixels?: number) {
  const text = describeEstimate({ ...WORKLOAD, ...workload }, { ...ESTIMATE, ...estimate }, megapixels);
  const [heading = '', ...lines] = text.split('\n');
  return {
    heading,
    ...Object.fromEntries(lines.map((line) => [line.slice(2, 14).trim(), line.slice(14)])),
  };
}

describe('an estimate as text', () => {
  it('says how much, how long, for what price, and what limits it', () => {
    expect(described({})).toEqual({
      heading: '1,200 objects, 2 results each',
      'drained in': '1 h 2 min: uploaded at noon, the last is converted by 13:02',
      costs: '$1,001.75: Lambda $1.50, S3 $1,000.00, DynamoDB $0.25',
      'an object': 'takes 0.50 s with 1,769 MB, and a batch of 10 takes 5.0 s',
      concurrency: '50 invocations after 9 s: limited by the maximum concurrency',
      rate: 'up to 1,235 objects per second',
    });
  });

  it('of photos says how large they are', () => {
    expect(described({}, { objects: 1, renditions: 1 }, 12).heading).toBe(
      '1 photo of 12 megapixels, 1 result each',
    );
    expect(described({}, { objects: 2 }, 1).heading).toBe('2 photos of 1 megapixel, 2 results each');
  });

  it.each([
    [59, ': uploaded at noon, the last is converted by 12:01'],
    [43_199, ': uploaded at noon, the last is converted by 24:00'],
    [43_200, ''],
  ])('names a time of day for up to half a day: %i s', (seconds, clock) => {
    const { 'drained in': text } = described({ drained: { ...ESTIMATE.drained, seconds } }) as Record<
      string,
      string
    >;
    expect(/:.*|$/.exec(text ?? '')?.[0]).toBe(clock);
  });

  it.each([
    [0.009, 'less than $0.01'],
    [0.01, '$0.01: Lambda $1.50, S3 $1,000.00, DynamoDB $0.25'],
  ])('names no price below a cent: %d', (dollars, costs) => {
    expect(described({ dollars })).toMatchObject({ costs });
  });

  it('rounds seconds from ten on', () => {
    const { 'an object': text } = described({ secondsEach: 10.4, batchSize: 12 }) as Record<string, string>;
    expect(text).toBe('takes 10 s with 1,769 MB, and a batch of 12 takes 125 s');
  });

  it('says if the queue is empty before the limit is reached', () => {
    const few = { ...ESTIMATE.drained, concurrency: 1 };
    expect(described({ drained: few })).toMatchObject({
      concurrency: '1 invocation; the queue is empty before there are more',
    });
  });
});

describe('the advice on an estimate', () => {
  const LAST = 'This is an estimate: docs/deploy.md says what it assumes and what it leaves out.';
  const hints = (estimate: Partial<Estimate>, workload: Partial<Workload> = {}) =>
    hintsOf({ ...WORKLOAD, ...workload }, { ...ESTIMATE, ...estimate });
  const other = { ...ESTIMATE.ramp, limitedBy: 'account-concurrency' as const };

  it('is nothing else if nothing is limited', () => {
    expect(hints({ ramp: other })).toEqual([LAST]);
  });

  it('names a higher concurrency if it helps, up to what the account allows', () => {
    expect(hints({})[0]).toMatch(/^With --concurrency 1000 it takes \d+ s, for the same price\.$/);
    expect(hints({}, { accountConcurrency: 70 })[0]).toMatch(/^With --concurrency 70 /);
    expect(hints({}, { accountConcurrency: 5000 })[0]).toMatch(/^With --concurrency 1000 /);
    expect(hints({ drained: { ...ESTIMATE.drained, seconds: 1 } })).toEqual([LAST]);
  });

  it('warns of messages that the queue deletes', () => {
    const drained = { ...ESTIMATE.drained, seconds: 4 * 86_400 };
    expect(hints({ ramp: other, drained })).toEqual([LAST]);
    const [warning] = hints({ ramp: other, drained: { ...drained, seconds: 4 * 86_400 + 1 } });
    expect(warning).toContain('The queue deletes messages after 4 d 0 h');
  });

  it('warns of more requests than S3 and DynamoDB accept', () => {
    expect(hints({ ramp: other, objectsPerSecond: 1750 })).toEqual([LAST]);
    const [s3] = hints({ ramp: other, objectsPerSecond: 1751 });
    expect(s3).toContain('S3 allows 3,500 writes per second and prefix, and this upload makes up to 3,502');
    expect(hints({ ramp: other, objectsPerSecond: 2000 }, { renditions: 1 })).toEqual([LAST]);
    const [dynamoDb] = hints({ ramp: other, objectsPerSecond: 2001 }, { renditions: 1 });
    expect(dynamoDb).toContain('A new DynamoDB table allows 4,000 writes per second, 2 for each object');
  });
});

import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/local/metrics.ts';
import { fakeClock } from '../../packages/local-aws/test/support/fake-clock.ts';

const NOON = Date.parse('2026-01-31T12:00:30Z');
const line = (at: number, counts: object) => JSON.stringify({ _aws: { Timestamp: at }, ...counts });

describe("the local pipeline's metrics", () => {
  it('are those that the worker writes for CloudWatch', () => {
    const worker = new Metrics({ namespace: 'Millrace', serviceName: 'worker' });
    worker.addMetric('Converted', MetricUnit.Count, 3);
    worker.addMetric('Converted', MetricUnit.Count, 2);
    worker.addMetric('Rejected', MetricUnit.Count, 1);
    const metrics = createMetrics(() => Date.now());
    metrics.take(JSON.stringify(worker.serializeMetrics()));
    expect(metrics.minutes().reduce((sum, { converted }) => sum + converted, 0)).toBe(5);
    expect(metrics.minutes().reduce((sum, { rejected }) => sum + rejected, 0)).toBe(1);
  });

  it('are kept per minute, for sixty minutes', () => {
    const clock = fakeClock(NOON);
    const metrics = createMetrics(clock.now);
    metrics.take(line(NOON - 61 * 60_000, { Converted: 99 }));
    metrics.take(line(NOON - 59 * 60_000, { Converted: 1 }));
    metrics.take(line(NOON, { Converted: 2 }));
    metrics.take(line(NOON + 1000, { Failed: 4 }));
    const minutes = metrics.minutes();
    expect(minutes).toHaveLength(60);
    expect(minutes[0]).toEqual({ at: '2026-01-31T11:01:00.000Z', converted: 1, rejected: 0, failed: 0 });
    expect(minutes.at(-1)).toEqual({ at: '2026-01-31T12:00:00.000Z', converted: 2, rejected: 0, failed: 4 });
    expect(minutes.slice(1, -1).every(({ converted }) => converted === 0)).toBe(true);
  });

  it.each(['', 'converted', '{"level":"INFO","message":"\\"_aws\\""}', '{"_aws', '{"_aws":{}}'])(
    'are not read from the line %s',
    (text) => {
      const metrics = createMetrics(() => NOON);
      metrics.take(text);
      expect(
        metrics.minutes().every(({ converted, rejected, failed }) => converted + rejected + failed === 0),
      ).toBe(true);
    },
  );
});

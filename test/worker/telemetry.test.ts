import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { beforeEach, describe, expect, it } from 'vitest';
import { Rejected, Retryable } from '../../src/core/errors.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { countOutcome } from '../../src/worker/count-outcome.ts';
import { createTelemetry, type Telemetry } from '../../src/worker/telemetry.ts';

type Line = Record<string, unknown>;
let lines: [level: string, message: string, keys: Line][];
let metrics: Metrics;
let emitted: Line[];
let telemetry: Telemetry;

beforeEach(() => {
  lines = [];
  emitted = [];
  const note = (level: string) => (message: string, keys: Line) => void lines.push([level, message, keys]);
  const logger = Object.create(new Logger({ logLevel: 'SILENT' }), {
    info: { value: note('INFO') },
    warn: { value: note('WARN') },
    error: { value: note('ERROR') },
  }) as Logger;
  const logs = { log: (text: string) => void emitted.push(JSON.parse(text) as Line) };
  metrics = new Metrics({ namespace: 'Test', serviceName: 'worker', logger: logs as never });
  // Each separate metric writes to a separate logger.
  const { singleMetric } = metrics;
  metrics.singleMetric = () => Object.assign(singleMetric.call(metrics), { console: logs });
  Object.assign(metrics, { console: logs });
  telemetry = createTelemetry(logger, metrics);
});

const units = (line: Line | undefined): Record<string, string> => {
  const { CloudWatchMetrics } = (line?.['_aws'] ?? { CloudWatchMetrics: [] }) as {
    CloudWatchMetrics: { Metrics: { Name: string; Unit: string }[] }[];
  };
  return Object.fromEntries(
    CloudWatchMetrics.flatMap(({ Metrics: each }) => each.map((m) => [m.Name, m.Unit])),
  );
};

describe('a log line', () => {
  it('has the keys of all enclosing contexts, and its own last', async () => {
    await telemetry.within({ messageId: 'm', attempt: 1 }, () =>
      telemetry.within({ key: 'a.jpg', attempt: 2 }, async () => telemetry.info('hello', { bytes: 3 })),
    );
    expect(lines).toEqual([['INFO', 'hello', { messageId: 'm', attempt: 2, key: 'a.jpg', bytes: 3 }]]);
  });

  it('has no keys of concurrent contexts', async () => {
    const neighbour = (key: string) =>
      telemetry.within({ key }, async () => {
        await new Promise(setImmediate);
        telemetry.warn('hello');
      });
    await Promise.all([neighbour('a'), neighbour('b')]);
    telemetry.info('after');
    expect(lines.map(([, , keys]) => keys)).toEqual([{ key: 'a' }, { key: 'b' }, {}]);
  });

  it('has the error, and describes a thrown value that is not an error', () => {
    const error = new Error('no luck');
    telemetry.warn('hello', {}, error);
    telemetry.error('hello', { code: 'x' }, 'a text');
    telemetry.error('hello');
    expect(lines[0]).toEqual(['WARN', 'hello', { error }]);
    expect(lines[1]?.[2]['error']).toBeInstanceOf(Error);
    expect(String(lines[1]?.[2]['error'])).toContain('"a text"');
    expect(lines[2]).toEqual(['ERROR', 'hello', {}]);
  });
});

describe('metrics', () => {
  it('are published together, with their units, and only if there are any', async () => {
    telemetry.publish();
    expect(emitted).toEqual([]);
    telemetry.count('Converted');
    telemetry.count('Forwarded', 7);
    telemetry.countBytes('BytesIn', 1000);
    await telemetry.phase('check', async () => undefined);
    telemetry.publish();
    telemetry.publish();
    expect(emitted).toHaveLength(1);
    expect(emitted[0]).toMatchObject({ Converted: 1, Forwarded: 7, BytesIn: 1000 });
    expect(units(emitted[0])).toEqual({
      Converted: 'Count',
      Forwarded: 'Count',
      BytesIn: 'Bytes',
      CheckMilliseconds: 'Milliseconds',
    });
  });

  it.each([
    ['check', 'CheckMilliseconds'],
    ['open', 'OpenMilliseconds'],
    ['read', 'ReadMilliseconds'],
    ['convert', 'ConvertMilliseconds'],
    ['store', 'StoreMilliseconds'],
  ] as const)('measure how long it takes to %s, even if it fails', async (phase, name) => {
    expect(await telemetry.phase(phase, async () => 'done')).toBe('done');
    await expect(telemetry.phase(phase, () => Promise.reject(new Error('no luck')))).rejects.toThrow(
      'no luck',
    );
    telemetry.publish();
    const values = emitted[0]?.[name] as number[];
    expect(values).toHaveLength(2);
    for (const value of values) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThan(600_000);
    }
  });
});

describe('the outcome of an object', () => {
  const rejection = new Rejected('image.corrupt', 'cut off');
  const result = { rendition: 'web', key: 'a', contentType: 'image/webp', width: 1, height: 1 };
  const source = { etag: 'e', lastModified: '' };

  it.each<[Outcome, Line, string?]>([
    [
      {
        kind: 'converted',
        source,
        sourceBytes: 1000,
        results: [
          { ...result, bytes: 30 },
          { ...result, bytes: 12 },
        ],
      },
      { Converted: 1, BytesIn: 1000, BytesOut: 42 },
      'INFO',
    ],
    [{ kind: 'current' }, { Current: 1 }, 'INFO'],
    [{ kind: 'gone' }, { Gone: 1 }, 'INFO'],
    [{ kind: 'retry', error: new Retryable('storage.unavailable', 'S3 is away') }, { Retried: 1 }, 'WARN'],
    [{ kind: 'deferred' }, { Deferred: 1 }, 'INFO'],
  ])('is counted once and logged once: $kind', (outcome, counts, level) => {
    countOutcome(telemetry, outcome);
    telemetry.publish();
    expect(emitted).toHaveLength(1);
    expect(emitted[0]).toMatchObject(counts);
    expect(Object.keys(units(emitted[0])).toSorted()).toEqual(Object.keys(counts).toSorted());
    expect(lines.map(([each]) => each)).toEqual([level]);
  });

  it('is also counted by its code if it is rejected', () => {
    countOutcome(telemetry, { kind: 'rejected', error: rejection });
    telemetry.publish();
    expect(emitted).toHaveLength(2);
    expect(emitted).toContainEqual(expect.objectContaining({ code: 'image.corrupt', RejectedByCode: 1 }));
    expect(emitted).toContainEqual(expect.objectContaining({ Rejected: 1 }));
  });

  it('is logged with its code and reason if it is tried again', () => {
    countOutcome(telemetry, { kind: 'retry', error: new Retryable('storage.unavailable', 'S3 is away') });
    expect(lines[0]?.[2]).toEqual({ code: 'storage.unavailable', reason: 'S3 is away' });
  });

  it('is logged with its bytes if it is converted', () => {
    const results = [{ ...result, bytes: 30 }];
    countOutcome(telemetry, { kind: 'converted', source, sourceBytes: 1000, results });
    expect(lines[0]?.[2]).toEqual({ bytesIn: 1000, bytesOut: 30 });
  });
});

import { cases, fc } from '../support/fuzz.ts';
import { describe, expect, it } from 'vitest';
import { attributeText } from '../../src/core/dead-letter.ts';
import { Rejected } from '../../src/core/errors.ts';
import { dirtyMessage, parseNotification, type Notification } from '../../src/core/notification.ts';
import { body, envelope } from './bodies.ts';
import { takesLong } from '../support/takes-long.ts';

takesLong();

const CASES = cases(100_000);
/** SQS's limit. */
const MESSAGE_BYTES = 1_048_576;

const parsed = (text: string): Notification | Rejected => {
  try {
    return parseNotification(text);
  } catch (error) {
    if (error instanceof Rejected) return error;
    throw error;
  }
};

/** Checks that any body is settled: with objects that can be processed, or a reason that can be sent. */
function expectSettled(text: string): 'objects' | 'test' | 'other' | 'rejected' {
  const result = parsed(text);
  if (result instanceof Rejected) {
    expect(result.code).toBe('notification.malformed');
    expect(attributeText(result.message).length).toBeLessThanOrEqual(1000);
    expect(result.message).not.toBe('');
    return 'rejected';
  }
  if (result.kind !== 'objects') return result.kind;
  for (const object of result.objects) {
    expect(object.key.isWellFormed()).toBe(true);
    expect(Buffer.byteLength(object.key)).toBeGreaterThan(0);
    expect(Buffer.byteLength(object.key)).toBeLessThanOrEqual(1024);
    expect(object.bucket).toMatch(/./);
    // The retry lane must be able to read what the batch lane writes.
    expect(parseNotification(dirtyMessage(object))).toEqual({ kind: 'objects', objects: [object] });
  }
  return 'objects';
}

describe('a message body', () => {
  it(`is settled in each of ${CASES.toLocaleString('en')} cases`, () => {
    const counts = { objects: 0, test: 0, other: 0, rejected: 0 };
    fc.assert(
      fc.property(body, (text) => void (counts[expectSettled(text)] += 1)),
      { numRuns: CASES, endOnFailure: true },
    );
    // The cases must be neither all valid nor all broken.
    expect(counts.objects).toBeGreaterThan(CASES / 10);
    expect(counts.rejected).toBeGreaterThan(CASES / 10);
    expect(counts.test).toBeGreaterThan(CASES / 100);
    expect(counts.other).toBeGreaterThan(CASES / 100);
  });

  it('returns every key of a valid envelope, also through SNS', () => {
    const keys = (text: string) => {
      const result = parseNotification(text);
      return result.kind === 'objects' ? result.objects.map(({ key }) => key) : [];
    };
    const both = (event: object, expected: string[]) => {
      const text = JSON.stringify(event);
      expect(keys(text)).toEqual(expected);
      expect(keys(JSON.stringify({ Type: 'Notification', Message: text }))).toEqual(expected);
    };
    fc.assert(
      fc.property(envelope.s3, envelope.eventBridge, envelope.dirty, (s3, eventBridge, dirty) => {
        both(
          s3,
          s3.Records.map((record) => decodeURIComponent(record.s3.object.key.replaceAll('+', ' '))),
        );
        both(eventBridge, [eventBridge.detail.object.key]);
        both(dirty, [dirty.key]);
      }),
      { numRuns: cases(2_000) },
    );
  });

  it.each([
    ['a deep array', '['.repeat(MESSAGE_BYTES / 2) + ']'.repeat(MESSAGE_BYTES / 2)],
    ['a deep array that never ends', '['.repeat(MESSAGE_BYTES)],
    ['deep records', `{"Records":${'['.repeat(500_000)}${']'.repeat(500_000)}}`],
    ['deep objects', `${'{"detail":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['a million records', `{"Records":[${Array.from({ length: 500_000 }, () => '1').join(',')}]}`],
    [
      'a key of a mebibyte',
      JSON.stringify({ type: 'millrace.dirty', version: 1, bucket: 'b', key: 'k'.repeat(1e6) }),
    ],
    [
      'a key of percent signs',
      JSON.stringify({
        Records: [
          {
            eventSource: 'aws:s3',
            eventVersion: '2.1',
            s3: { bucket: { name: 'b' }, object: { key: '%'.repeat(1e6) } },
          },
        ],
      }),
    ],
    [
      'a bucket of a mebibyte',
      JSON.stringify({ type: 'millrace.dirty', version: 1, bucket: 'b'.repeat(1e6), key: 'k' }),
    ],
    ['many names', `{${Array.from({ length: 80_000 }, (_, n) => `"n${n}":1`).join(',')}}`],
  ])('is rejected with a reason if it is %s', (_what, text) => {
    expect(expectSettled(text)).toBe('rejected');
  });
});

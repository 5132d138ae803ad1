import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { requeueAttributes, requeueCount } from '../../src/worker/requeue-count.ts';
import { recordOf } from '../support/worker.ts';

type Attributes = SQSRecord['messageAttributes'];
const carrying = (messageAttributes: Attributes) => ({
  ...recordOf('b', 'arn:conversion'),
  messageAttributes,
});
const rounds = (stringValue: string): Attributes => ({
  'millrace-rounds': { dataType: 'Number', stringValue },
});
const next = (stringValue: string) => ({
  'millrace-rounds': { DataType: 'Number', StringValue: stringValue },
});

describe("a message's requeue count", () => {
  it.each([
    ['1', 1],
    ['10', 10],
    ['0', 0],
    ['-1', 0],
    ['1.5', 0],
    ['many', 0],
    ['', 0],
  ])('is written as %j: %i', (text, count) => expect(requeueCount(carrying(rounds(text)))).toBe(count));

  it('is 0 for a message without one', () => expect(requeueCount(carrying({}))).toBe(0));
});

describe('a requeued message', () => {
  it('has a count one higher, in addition to its other attributes', () => {
    expect(requeueAttributes(carrying({}))).toEqual(next('1'));
    const origin = { dataType: 'String', stringValue: 'backfill' };
    expect(requeueAttributes(carrying({ ...rounds('3'), origin }))).toEqual({
      origin: { DataType: 'String', StringValue: 'backfill' },
      ...next('4'),
    });
  });

  it('has at most ten attributes', () => {
    const ten = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`a${index}`, { dataType: 'String', stringValue: 'x' }]),
    );
    const sent = requeueAttributes(carrying(ten));
    expect(Object.keys(sent)).toHaveLength(10);
    expect(sent).toMatchObject(next('1'));
    const { a9: _, ...nine } = ten;
    expect(Object.keys(requeueAttributes(carrying({ ...rounds('1'), ...nine })))).toHaveLength(10);
  });
});

import { expect, it } from 'vitest';
import { batchesOf } from '../../src/core/message-batches.ts';

const MAX_BYTES = 262_144;
const sizes = (...all: number[]) => [...batchesOf(all, (size) => size)];

it('messages are sent ten at a time, in order', () => {
  const messages = Array.from({ length: 23 }, (_, index) => index);
  expect([...batchesOf(messages, () => 1)]).toEqual([
    messages.slice(0, 10),
    messages.slice(10, 20),
    messages.slice(20),
  ]);
});

it('a batch has at most 256 KiB, to the byte', () => {
  expect(sizes(MAX_BYTES - 1, 1)).toEqual([[MAX_BYTES - 1, 1]]);
  expect(sizes(MAX_BYTES - 1, 2)).toEqual([[MAX_BYTES - 1], [2]]);
  expect(sizes(100_000, 100_000, 100_000, 100_000, 100_000)).toEqual([
    [100_000, 100_000],
    [100_000, 100_000],
    [100_000],
  ]);
});

it('a message that is too large is sent alone, so that SQS refuses it', () => {
  expect(sizes(1, MAX_BYTES + 1, 1)).toEqual([[1], [MAX_BYTES + 1], [1]]);
  expect(sizes(MAX_BYTES + 1)).toEqual([[MAX_BYTES + 1]]);
});

it('no messages cause no request', () => {
  expect(sizes()).toEqual([]);
});

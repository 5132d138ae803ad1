import { expect, it } from 'vitest';
import { redriveRecordSchema } from '../../src/core/redrive-record.ts';

const RECORD = {
  version: 1,
  id: 'r1',
  state: 'running',
  who: 'alice',
  why: 'the font is installed now',
  what: 'dead letters with the code image.corrupt',
  startedAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:01:00.000Z',
  cancelRequested: false,
  counts: { moved: 5, converted: 1, failedAgain: 1, gone: 1, pending: 2 },
};
const REQUEST = { filter: {}, stopIfFailing: 0.5 };

it.each([
  {},
  ...['done', 'stopped', 'cancelled', 'interrupted', 'failed', 'handed over'].map((state) => ({ state })),
  { reason: 'half of them failed again', runs: 2, runner: 'x' },
  { request: REQUEST },
  {
    request: {
      filter: { code: 'image.corrupt', prefix: 'a/', key: 'a/b', since: '2026-01-01T00:00:00.000Z' },
      canary: 1,
      rate: 10,
      stopIfFailing: 0.5,
    },
  },
])("a redrive's record may have %j, and is read with all its fields", (more) => {
  expect(redriveRecordSchema.parse({ ...RECORD, ...more })).toEqual({ ...RECORD, ...more });
});

it.each(Object.keys(RECORD))("an object without %s is not a redrive's record", (name) => {
  const { [name]: _, ...others } = RECORD as Record<string, unknown>;
  expect(redriveRecordSchema.safeParse(others).success).toBe(false);
});

it.each(Object.keys(RECORD.counts))("an object without a count of %s is not a redrive's record", (name) => {
  const { [name]: _, ...counts } = RECORD.counts as Record<string, number>;
  expect(redriveRecordSchema.safeParse({ ...RECORD, counts }).success).toBe(false);
});

it.each([
  { version: 2 },
  { state: '' },
  { counts: { ...RECORD.counts, moved: 0.5 } },
  { request: { filter: {} } },
  { request: { stopIfFailing: 1 } },
  ...[{ code: 1 }, { prefix: 1 }, { key: 1 }, { since: 'yesterday' }].map((filter) => ({
    request: { ...REQUEST, filter },
  })),
])("an object with %j is not a redrive's record", (wrong) => {
  expect(redriveRecordSchema.safeParse({ ...RECORD, ...wrong }).success).toBe(false);
});

import { expect, it } from 'vitest';
import { filterSchema } from '../../src/core/dead-letter-filter.ts';

it.each([
  {},
  { code: 'c'.repeat(100), prefix: 'p'.repeat(1024), key: 'k'.repeat(1024), since: '2026-01-01T00:00:00Z' },
])('a filter is read with all its fields: %j', (filter) => {
  expect(filterSchema.parse(filter)).toEqual(filter);
});

it.each([
  { code: 'c'.repeat(101) },
  { prefix: 'p'.repeat(1025) },
  { key: 'k'.repeat(1025) },
  { since: '2026-01-01' },
  // A misspelled field would select every dead letter.
  { perfix: 'a/' },
])('a filter with %j is refused', (filter) => {
  expect(filterSchema.safeParse(filter).success).toBe(false);
});

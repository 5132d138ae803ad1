import { expect, it } from 'vitest';
import type { FailureReport } from '../../src/core/failure-report.ts';
import { isOver } from '../../src/ops/object-status.ts';

const attempting = (change: Partial<FailureReport>): FailureReport => ({
  version: 1,
  status: 'attempting',
  code: 'process.died',
  message: 'the process died',
  bucket: 'uploads',
  key: 'a.jpg',
  source: { etag: '"e"', lastModified: '2026-01-01T00:00:00.000Z' },
  recipe: 'r',
  attempt: 5,
  at: ago(0),
  overAt: null,
  messageId: 'm',
  requestId: 'q',
  logGroup: 'g',
  logStream: 's',
  ...change,
});
function ago(seconds: number): string {
  return new Date(Date.now() - seconds * 1000).toISOString();
}

it.each([
  ['its report states a time in the past', { at: ago(200), overAt: ago(60) }, true],
  ['its report states a time in the future', { at: ago(200), overAt: ago(-60) }, false],
  // From an earlier version: no recipe allows an attempt of more than 400 seconds.
  ['its report says none, and it may still run', { at: ago(380) }, false],
  ['its report says none, and it began longer ago than any could last', { at: ago(420) }, true],
  ['its report says none, and receives may follow it', { at: ago(420), attempt: 4 }, false],
  ['it has failed', { status: 'failed' }, true],
] as const)('an attempt without an outcome, if %s', (_case, change, over) => {
  expect(isOver(attempting(change))).toBe(over);
});

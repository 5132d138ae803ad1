import { expect, it } from 'vitest';
import { failureReportSchema } from '../../src/core/failure-report.ts';

const REPORT = {
  version: 1,
  status: 'failed',
  code: 'image.corrupt',
  message: 'cut off',
  bucket: 'uploads',
  key: 'a.jpg',
  source: { etag: 'e', versionId: 'v', lastModified: '2026-01-01T00:00:00.000Z' },
  recipe: 'r',
  attempt: 1,
  at: '2026-01-01T00:00:01.000Z',
  messageId: 'm',
  requestId: 'q',
  logGroup: 'g',
  logStream: 's',
} as const;

it('a failure report is read with all its fields', () => {
  expect(failureReportSchema.parse(REPORT)).toEqual({ overAt: null, ...REPORT });
});

it.each([
  { status: 'attempting' },
  { code: 'of.a_later_version' },
  { source: { etag: 'e', lastModified: '2026-01-01T00:00:00.000Z' } },
])('a failure report may have %j', (other) => {
  expect(failureReportSchema.parse({ ...REPORT, ...other })).toEqual({
    overAt: null,
    ...REPORT,
    ...other,
  });
});

it.each([{ version: 2 }, { status: 'converted' }, { source: {} }, { attempt: '1' }])(
  'an object with %j is not a failure report',
  (other) => {
    expect(failureReportSchema.safeParse({ ...REPORT, ...other }).success).toBe(false);
  },
);

it.each(Object.keys(REPORT))('an object without %s is not a failure report', (name) => {
  const { [name]: _, ...others } = REPORT as Record<string, unknown>;
  expect(failureReportSchema.safeParse(others).success).toBe(false);
});

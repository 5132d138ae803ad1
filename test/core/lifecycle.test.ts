import { describe, expect, it } from 'vitest';
import {
  ABORT_MULTIPARTS,
  FAILURE_RULES,
  OLD_VERSION_DAYS,
  RESULT_RULES,
  uploadRules,
  type LifecycleRule,
} from '../../src/core/lifecycle.ts';
import { ARCHIVE_PREFIX, PROGRESS_PREFIX, REDRIVES_PREFIX } from '../../src/core/reserved-prefixes.ts';
import { SETTINGS } from '../../src/core/settings.ts';

const buckets: [string, () => readonly LifecycleRule[]][] = [
  ['an upload bucket', uploadRules],
  ['the result bucket', () => RESULT_RULES],
  ['the failure bucket', () => FAILURE_RULES],
];

describe.each(buckets)('%s', (_name, rulesOf) => {
  it('aborts multipart uploads that are incomplete after a week', () => {
    expect(rulesOf()).toContainEqual(ABORT_MULTIPARTS);
    expect(ABORT_MULTIPARTS).toEqual({ id: 'abandoned-multiparts', abortMultipartDays: 7 });
  });

  it('has a unique id for each rule', () => {
    const ids = rulesOf().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).not.toContain('');
  });
});

describe('an upload bucket', () => {
  it('keeps the current version of an upload', () => {
    for (const rule of uploadRules()) expect(rule).not.toHaveProperty('expirationDays');
  });

  it('keeps noncurrent versions for 30 days, or as long as configured', () => {
    const days = (rules: LifecycleRule[]) =>
      rules.map(({ noncurrentDays }) => noncurrentDays).filter(Boolean);
    expect(OLD_VERSION_DAYS).toBe(30);
    expect(days(uploadRules())).toEqual([30]);
    expect(days(uploadRules(7))).toEqual([7]);
  });

  it('removes delete markers without other versions', () => {
    expect(uploadRules()).toContainEqual({ id: 'delete-markers', expiredDeleteMarkers: true });
  });
});

describe('the failure bucket', () => {
  it("keeps reports forever, and the operations' objects for three weeks", () => {
    const expiring = FAILURE_RULES.filter(({ expirationDays }) => expirationDays !== undefined);
    expect(expiring.map(({ prefix }) => prefix)).toEqual([REDRIVES_PREFIX, PROGRESS_PREFIX, ARCHIVE_PREFIX]);
    for (const { expirationDays } of expiring) expect(expirationDays).toBe(21);
    expect(SETTINGS.ownObjectDays).toBe(21);
  });
});

it('results do not expire', () => {
  expect(RESULT_RULES).toEqual([ABORT_MULTIPARTS]);
});

import { describe, expect, it } from 'vitest';
import { isTooLong } from '../../src/core/keys.ts';
import {
  ARCHIVE_PREFIX,
  RESERVED_PREFIX,
  PROGRESS_PREFIX,
  REDRIVES_PREFIX,
} from '../../src/core/reserved-prefixes.ts';

describe('a key that S3 would refuse', () => {
  it('has more than 1,024 bytes, regardless of its characters', () => {
    expect(isTooLong('x'.repeat(1024))).toBe(false);
    expect(isTooLong('x'.repeat(1025))).toBe(true);
    expect(isTooLong('é'.repeat(512))).toBe(false);
    expect(isTooLong(`${'é'.repeat(512)}x`)).toBe(true);
  });
});

describe("the project's own objects in the failure bucket", () => {
  it('are where the lifecycle rules of deployed buckets expect them', () => {
    expect({ RESERVED_PREFIX, REDRIVES_PREFIX, PROGRESS_PREFIX, ARCHIVE_PREFIX }).toEqual({
      RESERVED_PREFIX: '.millrace/',
      REDRIVES_PREFIX: '.millrace/redrives/',
      PROGRESS_PREFIX: '.millrace/progress/',
      ARCHIVE_PREFIX: '.millrace/archive/',
    });
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { conclude, newTally } from '../../../src/cli/upload/conclude.ts';

const TALLY = { ...newTally(), files: 10, pending: 0, seconds: 1.5 };

let printed: string;
let before: typeof process.exitCode;
beforeEach(() => {
  printed = '';
  before = process.exitCode;
  process.exitCode = 0;
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = before;
});

describe('the end of an upload', () => {
  it.each([
    [{}, {}, '0 uploaded (0 bytes), 0 skipped, 0 failed in 1.5 s\n'],
    [
      { uploaded: 1234, bytes: 5e6, skipped: 2, failed: 3, converted: 4, ignored: 5 },
      {},
      '1,234 uploaded (5.0 MB), 2 skipped, 3 failed in 1.5 s\n',
    ],
    [
      { uploaded: 7, skipped: 3, converted: 9, failed: 1 },
      { wait: true as const },
      '7 uploaded (0 bytes), 3 skipped, 9 converted, 0 pending, 1 failed in 1.5 s\n',
    ],
    [
      { uploaded: 10, converted: 8, ignored: 2 },
      { wait: true as const },
      '10 uploaded (0 bytes), 0 skipped, 8 converted, 0 pending, 2 ignored, 0 failed in 1.5 s\n',
    ],
    [
      { uploaded: 10, converted: 8, gone: 2 },
      { wait: true as const },
      '10 uploaded (0 bytes), 0 skipped, 8 converted, 0 pending, 2 gone, 0 failed in 1.5 s\n',
    ],
  ])('with %j and %j is one line', (counts, options, line) => {
    conclude({ ...TALLY, ...counts }, options, false);
    expect(printed).toBe(line);
  });

  it('as JSON is a summary line, in which a wait adds up what it has followed', () => {
    const tally = {
      ...TALLY,
      uploaded: 6,
      skipped: 4,
      converted: 5,
      failed: 2,
      ignored: 3,
      gone: 1,
      bytes: 9,
    };
    conclude(tally, { json: true }, false);
    expect(JSON.parse(printed)).toEqual({
      type: 'summary',
      uploaded: 6,
      skipped: 4,
      failed: 2,
      bytes: 9,
      seconds: 1.5,
    });
    printed = '';
    conclude(tally, { json: true, wait: true }, false);
    expect(JSON.parse(printed)).toEqual({
      type: 'summary',
      uploaded: 11,
      converted: 5,
      failed: 2,
      pending: 0,
      ignored: 3,
      gone: 1,
      skipped: 4,
      bytes: 9,
      seconds: 1.5,
    });
  });

  it('that was interrupted names the files that were not begun, and how to continue', () => {
    const tally = { ...TALLY, uploaded: 3, skipped: 2, notUploaded: 1, failed: 1, pending: 1 };
    expect(() => conclude(tally, { wait: true }, 'run it again')).toThrow(
      expect.objectContaining({
        exitCode: 130,
        message: 'interrupted with 4 files not uploaded; run it again',
      }),
    );
    expect(printed).toContain('3 uploaded');
  });

  it('with pending uploads is a code of its own, whatever failed', () => {
    expect(() => conclude({ ...TALLY, pending: 1, failed: 1 }, { wait: true }, false)).toThrow(
      expect.objectContaining({ exitCode: 4, message: '1 upload still pending when the wait ended' }),
    );
  });

  it('is a success unless something failed', () => {
    conclude({ ...TALLY, uploaded: 1 }, {}, false);
    expect(process.exitCode).toBe(0);
    conclude({ ...TALLY, failed: 1 }, {}, false);
    expect(process.exitCode).toBe(1);
  });
});

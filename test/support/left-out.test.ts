import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { summarize } from './left-out.ts';

const chromium = { needs: 'chromium', get: 'apt-get install chromium' };
const arm64 = { needs: 'arm64', get: 'apt-get install qemu-user' };

describe('the end of a run', () => {
  it('lists what is missing, how many tests were skipped, and how to install it', () => {
    const skipped = [
      { test: 'a', leftOut: chromium },
      { test: 'b', leftOut: arm64 },
      { test: 'c', leftOut: chromium },
    ];
    expect(summarize(skipped, false)).toEqual({
      lines: [
        '2 tests were left out: chromium is not here; to get it: apt-get install chromium',
        '1 test was left out: arm64 is not here; to get it: apt-get install qemu-user',
        '3 tests were left out in all.',
      ],
      fails: false,
    });
  });

  it('says so if nothing was left out', () => {
    expect(summarize([], true)).toEqual({ lines: ['Nothing was left out.'], fails: false });
  });

  it.each([
    ['needs software that CI must have', chromium, true],
    ['needs software that CI may lack', arm64, false],
    ['was skipped without a reason', undefined, true],
  ])('fails in CI if a test %s: %j', (_what, leftOut, fails) => {
    const { lines, fails: failed } = summarize([{ test: 'a test', leftOut }], true);
    expect(failed).toBe(fails);
    expect(lines.some((line) => line.startsWith('CI must'))).toBe(fails);
    expect(summarize([{ test: 'a test', leftOut }], false).fails).toBe(false);
  });
});

/** Runs three tests in vitest with the reporter; two of them are skipped. */
function runSkipping(CI: string | undefined, ...more: string[]) {
  const root = fileURLToPath(new URL('skipping', import.meta.url));
  const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
  const reporter = fileURLToPath(new URL('left-out-reporter.ts', import.meta.url));
  const { VITEST: _vitest, CI: _ci, ...environment } = process.env;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [vitest, 'run', '--root', root, '--reporter', reporter, ...more],
    { encoding: 'utf8', env: { ...environment, ...(CI === undefined ? {} : { CI }) } },
  );
  return { status, output: stdout + stderr };
}

describe('a run of vitest', () => {
  it('names missing software, and tests skipped without a reason', () => {
    const { status, output } = runSkipping(undefined);
    expect(output).toContain('1 test was left out: a unicorn is not here; to get it: wait');
    expect(output).toContain('left out without a reason: is skipped in silence');
    expect(output).toContain('2 tests were left out in all.');
    expect(status).toBe(0);
  });

  it('fails in CI', () => {
    const { status, output } = runSkipping('true');
    expect(output).toContain('CI must leave out nothing of this: a unicorn, is skipped in silence');
    expect(status).toBe(1);
  });

  it('does not count tests that were not selected', () => {
    const { status, output } = runSkipping('true', '--testNamePattern', 'runs');
    expect(output).not.toContain('without a reason');
    expect(status).toBe(1);
  });
});

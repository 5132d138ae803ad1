import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evidenceIn, hasRun, type VitestReport } from './evidence.ts';

const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** vitest's report about tests of which none ends within the time limit. */
let report: VitestReport;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  const file = join(folder, 'report.json');
  const { VITEST: _vitest, ...env } = process.env;
  const vitest = pathOf('../node_modules/vitest/vitest.mjs');
  const options = ['--root', pathOf('support/hanging'), '--reporter=json', `--outputFile=${file}`];
  spawnSync(process.execPath, [vitest, 'run', ...options], { env });
  report = JSON.parse(await readFile(file, 'utf8')) as VitestReport;
});
afterAll(() => rm(folder, { recursive: true }));

function evidenceOf(test: RegExp, hangs: boolean): string | undefined {
  const testResults = report.testResults?.map(({ assertionResults }) => ({
    assertionResults: assertionResults.filter(({ fullName }) => test.test(fullName)),
  }));
  return evidenceIn({ testResults: testResults ?? [] }, hangs);
}

describe('the evidence against a mutant', () => {
  it.each(['never ends', 'the tests after a hook do not begin'])(
    'is a timeout only if the mutant is meant to hang: %s',
    (name) => {
      expect(evidenceOf(new RegExp(name), true)).toBe(`only a timeout, of "${name}"`);
      expect(evidenceOf(new RegExp(name), false)).toBeUndefined();
    },
  );

  it('is what a test waited for: the wait is shorter than the time limit', () => {
    expect(evidenceOf(/waits/, false)).toBe('Error: waited 0.8 s in vain until pigs fly');
  });

  it('is an error rather than a timeout', () => {
    expect(evidenceIn(report, true)).toContain('pigs fly');
  });

  const ofMessage = (message: string) => {
    const test = { fullName: 'a test', status: 'failed', failureMessages: [message] };
    return evidenceIn({ testResults: [{ assertionResults: [test] }] }, true);
  };

  it.each([
    'SyntaxError: Unexpected token',
    'TypeError: run is not a function',
    "Error: Cannot find module './a.ts'",
  ])('is not: %s', (message) => {
    expect(ofMessage(message)).toBeUndefined();
  });

  it('is what a test says of a process that could not load', () => {
    const message = "Error: it gave no answer:\nError: Cannot find module './a.ts'";
    expect(ofMessage(message)).toBe('Error: it gave no answer:');
  });

  it('is nothing if no test has run', () => {
    expect(evidenceIn({}, true)).toBeUndefined();
  });
});

it.each([
  ['passed', true],
  ['failed', true],
  ['skipped', false],
])('a run whose only test has %s has run: %s', (status, expected) => {
  const test = { fullName: 'a test', status, failureMessages: [] };
  expect(hasRun({ testResults: [{ assertionResults: [test] }] })).toBe(expected);
});

import { expect, it } from 'vitest';
import { coversAny, currentPart, gapsOf } from '../../scripts/mutation/gaps.ts';
import { keepDetected } from '../../scripts/mutation/keep-detected.ts';
import { scoresByFolder, tableOf } from '../../scripts/mutation/scores.ts';
import type { Report } from '../../scripts/mutation/report.ts';
import { globsIn } from '../../scripts/mutation/slices.js';

const place = { line: 1, column: 1 };

function fileWith(statuses: readonly string[], source = '', coveredBy: string[] = []) {
  const mutants = statuses.map((status) => ({
    status,
    coveredBy,
    mutatorName: 'BooleanLiteral',
    location: { start: place, end: place },
  }));
  return { source, mutants };
}

it('scores count as in Stryker: timed-out mutants are detected, and mutants that do not load are excluded', () => {
  const report: Report = {
    files: {
      'src/core/a.ts': fileWith(['Killed', 'Killed', 'Timeout', 'Survived', 'RuntimeError', 'Ignored']),
      'src/core/deeper/b.ts': fileWith(['NoCoverage', 'CompileError']),
      'cdk/stack.ts': fileWith(['Ignored']),
    },
  };
  expect(
    tableOf(scoresByFolder([report]))
      .split('\n')
      .slice(2),
  ).toEqual([
    '| `src/core` | 5 | 2 | 1 | 1 | 1 | 2 | 1 | 75.0 % | 60.0 % |',
    '| `cdk` | 0 | 0 | 0 | 0 | 0 | 0 | 1 |  |  |',
    '',
  ]);
});

it('an unknown status is an error', () => {
  const report: Report = { files: { 'src/core/a.ts': fileWith(['Pending']) } };
  expect(() => scoresByFolder([report])).toThrow('src/core/a.ts has a mutant of unknown status Pending');
});

it('files that are unmeasured or changed since are excluded and listed, and so are slices without results', () => {
  const sources = new Map([
    ['src/core/a.ts', 'now'],
    ['src/core/b.ts', 'b'],
    ['src/core/c.ts', 'c'],
  ]);
  const b = fileWith(['Killed'], 'b');
  const report: Report = {
    files: { 'src/core/a.ts': fileWith(['Killed'], 'before'), 'src/core/b.ts': b },
  };
  expect(currentPart({ slice: 'core', sources, report })).toEqual({ files: { 'src/core/b.ts': b } });
  expect(
    gapsOf([
      { slice: 'core', sources, report },
      { slice: 'ops', sources, report: undefined },
      { slice: 'api', sources: new Map([['src/core/b.ts', 'b']]), report },
    ]),
  ).toEqual([
    'without mutants, not measured, or changed since: 2 of 3 files of core: src/core/a.ts, src/core/c.ts',
    'not measured: ops',
  ]);
});

it('a run in which no test runs any mutant is detected', () => {
  const uncovered = { 'src/core/a.ts': fileWith(['NoCoverage', 'Survived']) };
  expect(coversAny({ files: uncovered })).toBe(false);
  expect(coversAny({ files: { ...uncovered, 'src/core/b.ts': fileWith(['Killed'], '', ['1']) } })).toBe(true);
});

it('a run with other tests keeps mutants detected, unless their test ran or their file has changed', () => {
  const mutant = (line: number, status: string, killedBy?: string[]) => ({
    status,
    mutatorName: 'BooleanLiteral',
    location: { start: { line, column: 1 }, end: { line, column: 5 } },
    ...(killedBy === undefined ? {} : { killedBy }),
  });
  const testFiles = { 'test/slow.ts': { tests: [{ id: '1' }] }, 'test/quick.ts': { tests: [{ id: '2' }] } };
  const old = [
    mutant(1, 'Killed', ['1']),
    mutant(2, 'Killed', ['2']),
    mutant(3, 'Timeout'),
    mutant(4, 'Survived'),
  ];
  const before: Report = {
    files: { 'a.ts': { source: 'a', mutants: old }, 'b.ts': { source: 'b', mutants: old } },
    testFiles,
  };
  const now = ['NoCoverage', 'Survived', 'Survived', 'Killed'].map((status, index) =>
    mutant(index + 1, status),
  );
  const after: Report = {
    files: { 'a.ts': { source: 'a', mutants: now }, 'b.ts': { source: 'changed', mutants: now } },
    testFiles,
  };
  const kept = keepDetected(before, after, new Set(['test/quick.ts'])).files;
  expect(kept['a.ts']?.mutants.map(({ status }) => status)).toEqual([
    'Killed',
    'Survived',
    'Timeout',
    'Killed',
  ]);
  expect(kept['b.ts']).toEqual(after.files['b.ts']);
});

it('a list of files is split at its commas, except in braces', () => {
  expect(globsIn('src/ops/{time,alarm}.ts,src/core/*.ts')).toEqual([
    'src/ops/{time,alarm}.ts',
    'src/core/*.ts',
  ]);
});

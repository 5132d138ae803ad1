import { expect, it } from 'vitest';
import { coversAny, currentPart, gapsOf } from '../../scripts/mutation/gaps.ts';
import { scoresByFolder, tableOf } from '../../scripts/mutation/scores.ts';
import type { Report } from '../../scripts/mutation/report.ts';

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

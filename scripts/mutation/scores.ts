import type { Report } from './report.ts';

/** The results of a folder's mutants, in Stryker's terms. */
export interface Score {
  killed: number;
  timedOut: number;
  survived: number;
  noCoverage: number;
  /** Mutants that do not load or compile, so no test has evaluated them. Not part of any score. */
  invalid: number;
  /** Texts, and code that only runs when a module is loaded. Not part of any score. */
  ignored: number;
}

const FIELDS: Readonly<Record<string, keyof Score>> = {
  Killed: 'killed',
  Timeout: 'timedOut',
  Survived: 'survived',
  NoCoverage: 'noCoverage',
  RuntimeError: 'invalid',
  CompileError: 'invalid',
  Ignored: 'ignored',
};

/** Groups by the first two folders of each path: `src/core`, `packages/local-aws`, `cdk`. */
export function scoresByFolder(reports: readonly Report[]): ReadonlyMap<string, Score> {
  const scores = new Map<string, Score>();
  for (const { files } of reports)
    for (const [path, { mutants }] of Object.entries(files)) {
      const folder = path.split('/').slice(0, -1).slice(0, 2).join('/');
      const score = scores.get(folder) ?? noMutants();
      scores.set(folder, score);
      for (const { status } of mutants) {
        const field = FIELDS[status];
        if (field === undefined) throw new Error(`${path} has a mutant of unknown status ${status}`);
        score[field] += 1;
      }
    }
  return scores;
}

function noMutants(): Score {
  return { killed: 0, timedOut: 0, survived: 0, noCoverage: 0, invalid: 0, ignored: 0 };
}

/** Formats scores as a Markdown table. As in Stryker's percentages, a mutant that times out is detected. */
export function tableOf(scores: ReadonlyMap<string, Score>): string {
  const percent = (part: number, whole: number) =>
    whole === 0 ? '' : `${((100 * part) / whole).toFixed(1)} %`;
  const rows = [...scores].map(([folder, { killed, timedOut, survived, noCoverage, invalid, ignored }]) => {
    const detected = killed + timedOut;
    const covered = detected + survived;
    const all = covered + noCoverage;
    const counts = [all, killed, timedOut, survived, noCoverage, invalid, ignored];
    return [`\`${folder}\``, ...counts, percent(detected, covered), percent(detected, all)].join(' | ');
  });
  const head = [
    'folder | mutants | killed | timed out | survived | not covered | invalid | left out | score of covered | score of all',
    '--- | --- | --- | --- | --- | --- | --- | --- | --- | ---',
  ];
  return [...head, ...rows].map((row) => `| ${row} |\n`).join('');
}

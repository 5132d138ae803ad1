/** What is read of Stryker's report (mutation-testing-report-schema). */
export interface Report {
  files: Record<string, { source: string; mutants: readonly MutantResult[] }>;
}

interface MutantResult {
  status: string;
  mutatorName: string;
  replacement?: string;
  location: { start: Place; end: Place };
}

interface Place {
  line: number;
  column: number;
}

export interface Score {
  detected: number;
  survived: number;
  noCoverage: number;
  ignored: number;
}

/** A test failed, or never ended, or its file could not even be loaded or set up. */
const DETECTED: ReadonlySet<string> = new Set(['Killed', 'Timeout', 'RuntimeError']);

/** Counts by the first two folders of each path: `src/core`, `src/worker`, `cdk`. */
export function scoresByFolder(reports: readonly Report[]): ReadonlyMap<string, Score> {
  const scores = new Map<string, Score>();
  for (const { files } of reports)
    for (const [path, { mutants }] of Object.entries(files)) {
      const folder = path.startsWith('src/') ? path.split('/').slice(0, 2).join('/') : path.split('/')[0];
      const score = scores.get(folder ?? '') ?? { detected: 0, survived: 0, noCoverage: 0, ignored: 0 };
      scores.set(folder ?? '', score);
      for (const { status } of mutants) {
        if (DETECTED.has(status)) score.detected += 1;
        else if (status === 'Survived') score.survived += 1;
        else if (status === 'NoCoverage') score.noCoverage += 1;
        else score.ignored += 1;
      }
    }
  return scores;
}

/** A table in Markdown. */
export function tableOf(scores: ReadonlyMap<string, Score>): string {
  const percent = (part: number, whole: number) =>
    whole === 0 ? '' : `${((100 * part) / whole).toFixed(1)} %`;
  const rows = [...scores].map(([folder, { detected, survived, noCoverage, ignored }]) =>
    [
      `\`${folder}\``,
      detected + survived + noCoverage,
      detected,
      survived,
      noCoverage,
      ignored,
      percent(detected, detected + survived),
      percent(detected, detected + survived + noCoverage),
    ].join(' | '),
  );
  const head = [
    'folder | mutants | detected | survived | not covered | left out | score of covered | score of all',
    '--- | --- | --- | --- | --- | --- | --- | ---',
  ];
  return [...head, ...rows].map((row) => `| ${row} |\n`).join('');
}

/** One line for each mutant that no test noticed: where, what it replaced, by what. */
export function survivorsOf(reports: readonly Report[]): string[] {
  return reports.flatMap(({ files }) =>
    Object.entries(files).flatMap(([path, { source, mutants }]) =>
      mutants
        .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
        .toSorted((a, b) => a.location.start.line - b.location.start.line)
        .map(({ status, mutatorName, replacement = '', location }) => {
          const was = textBetween(source, location.start, location.end);
          const uncovered = status === 'NoCoverage' ? ' (not covered)' : '';
          return `${path}:${location.start.line} ${mutatorName}${uncovered}: ${brief(was)} → ${brief(replacement)}`;
        }),
    ),
  );
}

function textBetween(source: string, start: Place, end: Place): string {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  const last = lines.length - 1;
  return lines
    .map((line, index) =>
      line.slice(index === 0 ? start.column - 1 : 0, index === last ? end.column - 1 : undefined),
    )
    .join('\n');
}

function brief(code: string): string {
  const flat = code.replaceAll(/\s+/g, ' ');
  return flat.length > 90 ? `${flat.slice(0, 90)}…` : flat;
}

import type { Position, Report } from './report.ts';

/** Returns one line for each mutant that no test killed: its location, and the code before and after. */
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

function textBetween(source: string, start: Position, end: Position): string {
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

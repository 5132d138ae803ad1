import type { MutantResult, Report } from './report.ts';

const DETECTED: ReadonlySet<string> = new Set(['Killed', 'Timeout']);

/**
 * Returns the report of a run with only some of the tests, in which mutants that the other tests detected before stay
 * detected. Stryker has no result for them, or reports that they survived.
 * @param ran the tests that ran, by path
 */
export function keepDetected(before: Report, after: Report, ran: ReadonlySet<string>): Report {
  const paths = new Map(
    Object.entries(before.testFiles ?? {}).flatMap(([path, { tests }]) => tests.map(({ id }) => [id, path])),
  );
  const didNotRun = ({ killedBy = [] }: MutantResult) => !killedBy.some((id) => ran.has(paths.get(id) ?? ''));
  const files = Object.entries(after.files).map(([path, file]) => {
    const old = before.files[path];
    const kept = (old?.source === file.source ? old.mutants : []).filter(
      (mutant) => DETECTED.has(mutant.status) && didNotRun(mutant),
    );
    const statuses = new Map(kept.map((mutant) => [keyOf(mutant), mutant.status]));
    const mutants = file.mutants.map((mutant) => {
      const status = statuses.get(keyOf(mutant));
      return status === undefined || DETECTED.has(mutant.status) ? mutant : { ...mutant, status };
    });
    return [path, { ...file, mutants }] as const;
  });
  return { ...after, files: Object.fromEntries(files) };
}

function keyOf({ mutatorName, replacement, location }: MutantResult): string {
  return JSON.stringify([mutatorName, replacement, location]);
}

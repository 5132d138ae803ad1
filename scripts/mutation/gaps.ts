import type { Report } from './report.ts';

export interface Measurement {
  slice: string;
  /** The code to mutate as it is now, by path. */
  sources: ReadonlyMap<string, string>;
  report: Report | undefined;
}

/** Returns one line for each slice of which there is no result, or that changed or grew since it was measured. */
export function gapsOf(measurements: readonly Measurement[]): string[] {
  return measurements.flatMap(({ slice, sources, report }) => {
    if (report === undefined) return [`not measured: ${slice}`];
    const missing = [...sources].filter(([path, source]) => report.files[path]?.source !== source);
    if (missing.length === 0) return [];
    const paths = missing.map(([path]) => path).join(', ');
    return [`partly measured: ${slice}, without ${missing.length} of ${sources.size} files: ${paths}`];
  });
}

/** Whether a test runs any mutant. None does when the set-up is broken: Stryker then calls it a success. */
export function coversAny({ files }: Report): boolean {
  return Object.values(files).some(({ mutants }) =>
    mutants.some(({ coveredBy = [] }) => coveredBy.length > 0),
  );
}

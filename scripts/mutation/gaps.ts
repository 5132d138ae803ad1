import type { Report } from './report.ts';

export interface Measurement {
  slice: string;
  /** The code to mutate as it is now, by path. */
  sources: ReadonlyMap<string, string>;
  report: Report | undefined;
}

/** Returns what a report says of files that are still as they were when they were measured. */
export function currentPart({ sources, report }: Measurement): Report {
  const files = Object.entries(report?.files ?? {});
  return { files: Object.fromEntries(files.filter(([path, { source }]) => sources.get(path) === source)) };
}

/** Returns one line for each slice that is not wholly measured. */
export function gapsOf(measurements: readonly Measurement[]): string[] {
  return measurements.flatMap((measurement) => {
    const { slice, sources, report } = measurement;
    if (report === undefined) return [`not measured: ${slice}`];
    const current = currentPart(measurement).files;
    const missing = [...sources.keys()].filter((path) => !(path in current));
    if (missing.length === 0) return [];
    const which = `${missing.length} of ${sources.size} files of ${slice}`;
    return [`no mutants in, not measured, or changed since: ${which}: ${missing.join(', ')}`];
  });
}

/** Whether a test runs any mutant. None does when the set-up is broken: Stryker then calls it a success. */
export function coversAny({ files }: Report): boolean {
  return Object.values(files).some(({ mutants }) =>
    mutants.some(({ coveredBy = [] }) => coveredBy.length > 0),
  );
}

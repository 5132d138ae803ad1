import type { Report } from './report.ts';

export interface Measurement {
  slice: string;
  /** The current code to mutate, by path. */
  sources: ReadonlyMap<string, string>;
  report: Report | undefined;
}

/** Returns the part of a report about files that have not changed since the measurement. */
export function currentPart({ sources, report }: Measurement): Report {
  const files = Object.entries(report?.files ?? {});
  return { files: Object.fromEntries(files.filter(([path, { source }]) => sources.get(path) === source)) };
}

/** Returns one line for each slice that is not completely measured. */
export function gapsOf(measurements: readonly Measurement[]): string[] {
  return measurements.flatMap((measurement) => {
    const { slice, sources, report } = measurement;
    if (report === undefined) return [`not measured: ${slice}`];
    const current = currentPart(measurement).files;
    const missing = [...sources.keys()].filter((path) => !(path in current));
    if (missing.length === 0) return [];
    const which = `${missing.length} of ${sources.size} files of ${slice}`;
    return [`without mutants, not measured, or changed since: ${which}: ${missing.join(', ')}`];
  });
}

/** Returns whether a test runs any mutant. If the setup is broken, none does, and Stryker reports success. */
export function coversAny({ files }: Report): boolean {
  return Object.values(files).some(({ mutants }) =>
    mutants.some(({ coveredBy = [] }) => coveredBy.length > 0),
  );
}

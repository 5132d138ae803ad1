import type { LineFile } from '../../../src/ops/line-file.ts';
import type { Owner, Steps } from '../steps.ts';

/** An export file on a disk that keeps only synced data when the process dies. */
export interface ExportFile<T> extends Pick<LineFile<T>, 'add' | 'sync'> {
  /** The synced data. */
  readonly synced: readonly T[];
}

/** @param parse reads a line, whose position it may name in errors */
export function createExportFile<T>(
  owner: Owner,
  steps: Steps,
  parse: (line: string, at: number) => T,
): ExportFile<T> {
  const written: string[] = [];
  const synced: T[] = [];
  return {
    synced,
    add: (lines) =>
      steps.effect(owner, `write ${lines.length} lines`, () => {
        for (const line of lines) written.push(JSON.stringify(line));
      }),
    sync: () =>
      steps.effect(owner, 'sync the file', () => {
        while (synced.length < written.length)
          synced.push(parse(written[synced.length] ?? '', synced.length));
      }),
  };
}

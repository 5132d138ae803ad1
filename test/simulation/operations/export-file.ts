import { parseCopy, type DeadLetterCopy } from '../../../src/ops/dead-letters/copy.ts';
import type { LineFile } from '../../../src/ops/line-file.ts';
import type { Owner, Steps } from '../steps.ts';

/** An export file on a disk that keeps only synced data when the process dies. */
export interface ExportFile extends Pick<LineFile<DeadLetterCopy>, 'add' | 'sync'> {
  /** The synced data. */
  readonly synced: readonly DeadLetterCopy[];
}

export function createExportFile(owner: Owner, steps: Steps): ExportFile {
  const written: string[] = [];
  const synced: DeadLetterCopy[] = [];
  return {
    synced,
    add: (copies) =>
      steps.effect(owner, `write ${copies.length} copies`, () => {
        for (const copy of copies) written.push(JSON.stringify(copy));
      }),
    sync: () =>
      steps.effect(owner, 'sync the copies', () => {
        while (synced.length < written.length)
          synced.push(parseCopy(written[synced.length] ?? '', synced.length));
      }),
  };
}

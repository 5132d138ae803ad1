import { rm } from 'node:fs/promises';
import { resultKeys, type ResultNames } from '../../core/result-keys.ts';
import type { FileEvent } from '../../local/files/events.ts';

/** A result in a draft file. */
export type DraftResult = Omit<Extract<FileEvent, { kind: 'stored' }>, 'kind'>;

export type Ended =
  /** Results in the order of the renditions. Their drafts belong to the receiver. */
  { kind: 'converted'; results: DraftResult[] } | { kind: 'failed'; code: string; message: string };

/** Files in a private pipeline, each with the results that it still misses. */
export interface ExpectedFiles {
  /** Waits for a file's outcome. Call it before the file is queued, so that nothing is missed. */
  expect(key: string): Promise<Ended>;
  onFileEvent(event: FileEvent): void;
  /** Ends a file without results. Does nothing for a file that has ended. */
  fail(key: string, code: string, message: string): void;
  /** Rejects all that are still expected. */
  abandon(error: unknown): void;
}

interface Expected {
  key: string;
  resultKeys: string[];
  stored: Map<string, DraftResult>;
  end(ended: Ended): void;
  abandon(error: unknown): void;
}

/** @param names of results in the pipeline */
export function createExpectedFiles(names: ResultNames): ExpectedFiles {
  // With one upload bucket, results do not have its name in their keys.
  const bucket = '';
  const namespace = { uploadBuckets: [bucket], ...names };
  const byKey = new Map<string, Expected>();
  const byResultKey = new Map<string, Expected>();

  function end(expected: Expected, ended: Ended): void {
    byKey.delete(expected.key);
    for (const key of expected.resultKeys) byResultKey.delete(key);
    if (ended.kind === 'failed') for (const result of expected.stored.values()) discard(result);
    expected.end(ended);
  }

  function onStored(result: DraftResult): void {
    const expected = byResultKey.get(result.key);
    // The file already has an outcome; a later attempt made this result again.
    if (expected === undefined) return discard(result);
    const earlier = expected.stored.get(result.key);
    if (earlier !== undefined) discard(earlier);
    expected.stored.set(result.key, result);
    const results = expected.resultKeys.flatMap((key) => expected.stored.get(key) ?? []);
    if (results.length === expected.resultKeys.length) end(expected, { kind: 'converted', results });
  }

  function failWith(expected: Expected | undefined, code: string, message: string): void {
    if (expected !== undefined) end(expected, { kind: 'failed', code, message });
  }

  return {
    expect(key) {
      return new Promise<Ended>((resolve, reject) => {
        const keys = resultKeys({ bucket, key }, namespace);
        const expected = { key, resultKeys: keys, stored: new Map(), end: resolve, abandon: reject };
        byKey.set(key, expected);
        for (const each of keys) byResultKey.set(each, expected);
      });
    },
    onFileEvent(event) {
      if (event.kind === 'stored') onStored(event);
      else if (event.kind === 'unreadable') failWith(byKey.get(event.key), 'file.unreadable', event.message);
      else failWith(byResultKey.get(event.key), 'file.unwritable', event.message);
    },
    fail: (key, code, message) => failWith(byKey.get(key), code, message),
    abandon(error) {
      for (const expected of byKey.values()) expected.abandon(error);
    },
  };
}

/** A draft that cannot be removed is removed when the run ends. */
function discard({ draft }: DraftResult): void {
  rm(draft, { force: true }).catch(() => undefined);
}

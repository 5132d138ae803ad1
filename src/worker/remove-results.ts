import { Retryable } from '../core/errors.ts';
import type { ObjectRef } from '../core/object-ref.ts';
import type { Outcome } from '../core/outcome.ts';
import { possibleResultKeys } from '../core/result-keys.ts';
import { readResultMetadata, sourceNameOf } from '../core/result-metadata.ts';
import { resultNamesOf } from '../core/rules.ts';
import { isTooLong } from '../core/keys.ts';
import type { Config } from './config.ts';
import type { FailureReports } from './failure-reports.ts';
import type { Storage } from './storage.ts';

/**
 * Deletes or keeps the results and the failure report of a deleted upload, as the recipe says. Returns `back` if the
 * upload exists or has come back: it must be converted.
 */
export type RemoveResults = (object: ObjectRef) => Promise<Extract<Outcome, { kind: 'gone' }> | 'back'>;

/** Attempts before this one gives way to the key's other writers for a while. */
const ROUNDS = 3;

/**
 * The order of the requests is the protocol (docs/adr/0032), as for conversions: the results are checked before the
 * source, and deleted only if they have not changed since. The last check is for an upload that came back with the
 * result that it had.
 */
export function createRemoveResults({
  config,
  storage,
  reports,
}: {
  config: Config;
  storage: Storage;
  reports: FailureReports;
}): RemoveResults {
  const namespace = { uploadBuckets: config.uploadBuckets, ...resultNamesOf(config.recipe) };

  return async function removeResults(object) {
    if (config.whenDeleted === 'keep') return { kind: 'gone' };
    const isThere = async () => (await storage.head(object.bucket, object.key)) !== undefined;
    for (let round = 1; round <= ROUNDS; round += 1) {
      const results = await find(object);
      const report = await reports.find(object);
      if (await isThere()) return 'back';
      const deleted = await Promise.all([
        ...results.map(({ key, etag }) => storage.deleteIf(etag, config.resultBucket, key)),
        ...(report === undefined ? [] : [reports.withdraw(object, report.etag)]),
      ]);
      if (deleted.includes(false)) continue;
      if (deleted.length > 0 && (await isThere())) return 'back';
      return { kind: 'gone', deleted: deleted.length };
    }
    throw new Retryable('storage.contended', `the results changed ${ROUNDS} times while they were deleted`);
  };

  /** Finds this upload's results. Other objects under these keys stay. */
  async function find(object: ObjectRef): Promise<{ key: string; etag: string }[]> {
    // Under all rules: the upload may have been converted under another rule.
    const keys = possibleResultKeys(object, namespace).filter((key) => !isTooLong(key));
    const found = await Promise.all(
      keys.map(async (key) => ({ key, stored: await storage.head(config.resultBucket, key) })),
    );
    return found.flatMap(({ key, stored }) =>
      readResultMetadata(stored?.metadata)?.sourceName === sourceNameOf(object)
        ? [{ key, etag: stored?.identity.etag ?? '' }]
        : [],
    );
  }
}

import type { Expected } from '../core/compare-and-set.ts';
import { Retryable } from '../core/errors.ts';
import type { ObjectRef } from '../core/object-ref.ts';
import { resultKey } from '../core/result-keys.ts';
import { readResultMetadata, type ResultMetadata } from '../core/result-metadata.ts';
import { freshnessOf } from '../core/result-freshness.ts';
import { resultNamesOf } from '../core/rules.ts';
import type { SourceIdentity } from '../core/source.ts';
import type { Config } from './config.ts';
import type { Storage } from './storage.ts';

/** A result, as it was before the source was read. */
export interface Target {
  /** Its name. */
  rendition: string;
  key: string;
  expected: Expected;
  stored: ResultMetadata | undefined;
}

/** Checks an upload's results in the result bucket. */
export interface CheckResults {
  /** Reads the metadata of these renditions' results. */
  check(object: ObjectRef, renditions: readonly string[]): Promise<Target[]>;
  /**
   * Returns the results to make again: those that do not certainly derive from this source, and those of an older
   * recipe.
   * @param written the keys of the results that this attempt has stored. Without versions, they count as long as their
   * contents are right (docs/adr/0003)
   * @throws Retryable if a later deployment made a result that may derive from another upload: replacing it could end
   * with the older recipe, and acknowledging could lose this upload (docs/adr/0013)
   */
  stale(
    targets: readonly Target[],
    object: ObjectRef,
    source: SourceIdentity,
    written: { has(key: string): boolean },
  ): Target[];
}

export function createCheckResults({ config, storage }: { config: Config; storage: Storage }): CheckResults {
  const namespace = { uploadBuckets: config.uploadBuckets, ...resultNamesOf(config.recipe) };

  return {
    check(object, renditions) {
      return Promise.all(
        renditions.map(async (rendition) => {
          const key = resultKey(object, rendition, namespace);
          const existing = await storage.head(config.resultBucket, key);
          return {
            rendition,
            key,
            expected: existing === undefined ? 'absent' : { etag: existing.identity.etag },
            stored: readResultMetadata(existing?.metadata),
          };
        }),
      );
    },

    stale(targets, object, source, written) {
      const stale: Target[] = [];
      for (const target of targets) {
        const freshness = target.stored && freshnessOf(target.stored, object, source, config);
        const isOfSource =
          freshness?.upload === 'same' || (freshness?.upload === 'maybe same' && written.has(target.key));
        if (!isOfSource && freshness?.recipe === 'newer') throw leftToLaterDeployment(target);
        if (!isOfSource || freshness?.recipe === 'older') stale.push(target);
      }
      return stale;
    },
  };
}

function leftToLaterDeployment({ key }: Target): Retryable {
  const message = `a later deployment made the result ${key}; this upload is left to that deployment`;
  return new Retryable('recipe.outdated', message);
}

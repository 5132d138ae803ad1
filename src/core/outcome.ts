import type { Rejected, Retryable } from './errors.ts';
import type { Appearance } from './result-metadata.ts';
import type { SourceIdentity } from './source.ts';

/** A stored result. */
export interface StoredResult extends Appearance {
  rendition: string;
  key: string;
  contentType: string;
  bytes: number;
}

/** The outcome of an object that may have been dirty. */
export type Outcome =
  /** `results` has all that this attempt stored, even those that were replaced since. */
  | { kind: 'converted'; source: SourceIdentity; results: StoredResult[]; sourceBytes: number }
  /** A duplicate: the results already derive from the current source, or this attempt stored equal ones before. */
  | { kind: 'current' }
  /**
   * The source was deleted, or uploaded again since it was read. `deleted` counts the objects that were deleted with
   * it.
   */
  | { kind: 'gone'; deleted?: number }
  /** There is nothing to convert: a folder placeholder, or a name that the recipe ignores. */
  | { kind: 'ignored' }
  /** It can never be converted. `source` is absent if there is no object. */
  | { kind: 'rejected'; error: Rejected; source?: SourceIdentity }
  | { kind: 'retry'; error: Retryable }
  /** The invocation had too little time left, and nothing was decoded. */
  | { kind: 'not begun' }
  /** Another invocation is working on it. */
  | { kind: 'deferred' };

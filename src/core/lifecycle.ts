import { ARCHIVE_PREFIX, PROGRESS_PREFIX, REDRIVES_PREFIX } from './reserved-prefixes.ts';
import { SETTINGS } from './settings.ts';

/** A bucket's lifecycle rule, limited to the actions that the pipeline uses. Each field is a separate action. */
export interface LifecycleRule {
  id: string;
  /** Applies to keys with this prefix; by default, to all keys. */
  prefix?: string;
  /** Days after which a current object expires. */
  expirationDays?: number;
  /** Days for which a version is kept after another one becomes current. */
  noncurrentDays?: number;
  /** Removes a delete marker without other versions. */
  expiredDeleteMarkers?: true;
  /** Days after which an incomplete multipart upload is aborted. */
  abortMultipartDays?: number;
}

/** Default number of days for which an upload's noncurrent versions are kept. */
export const OLD_VERSION_DAYS = 30;

/** Without this rule, parts of incomplete uploads would be kept forever. */
export const ABORT_MULTIPARTS: LifecycleRule = { id: 'abandoned-multiparts', abortMultipartDays: 7 };

/** The rules of an upload bucket. None of them removes the current version of an upload. */
export function uploadRules(oldVersionDays = OLD_VERSION_DAYS): LifecycleRule[] {
  return [
    ABORT_MULTIPARTS,
    { id: 'old-versions', noncurrentDays: oldVersionDays },
    { id: 'delete-markers', expiredDeleteMarkers: true },
  ];
}

export const RESULT_RULES: readonly LifecycleRule[] = [ABORT_MULTIPARTS];

/**
 * Only a report distinguishes a failed upload from a pending one, so reports do not expire. Only what operations keep
 * beside them does (docs/adr/0012).
 */
export const FAILURE_RULES: readonly LifecycleRule[] = [
  ABORT_MULTIPARTS,
  ...[REDRIVES_PREFIX, PROGRESS_PREFIX, ARCHIVE_PREFIX].map((prefix) => ({
    id: prefix,
    prefix,
    expirationDays: SETTINGS.ownObjectDays,
  })),
];

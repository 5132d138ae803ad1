import type { MultipartUpload } from './multipart.ts';
import type { Version } from './version.ts';

/** A lifecycle rule. Each part is a separate action. */
export interface StoredRule {
  id: string;
  /** Applies to keys that begin with this. By default, all keys. */
  prefix?: string;
  /** Days after which a current object expires. */
  expirationDays?: number;
  /** Days for which a version is kept after a newer version was stored. */
  noncurrentDays?: number;
  /** Removes a delete marker that has no older version left. */
  expiredDeleteMarkers?: true;
  /** Days after which a multipart upload is aborted. */
  abortMultipartDays?: number;
  disabled?: true;
}

/** Returns the age in milliseconds of something stored at a time. */
type AgeOf = (at: number) => number;

const DAY = 86_400_000;

type Kind = 'expirationDays' | 'noncurrentDays' | 'abortMultipartDays';

/** Returns the versions of a key that the rules remove. */
interface Due {
  noncurrent: Version[];
  /** The current version, if it expires. On a bucket with versions, a delete marker takes its place. */
  current?: Version;
}

/** @param versions the oldest first */
export function dueVersions(
  rules: readonly StoredRule[],
  key: string,
  versions: readonly Version[],
  ageOf: AgeOf,
): Due {
  const isDue = dueUnder(rules, key, ageOf);
  // A version is noncurrent since the next version was stored.
  const noncurrent = versions.filter((_, index) => {
    const next = versions[index + 1];
    return next !== undefined && isDue('noncurrentDays', next.lastModified);
  });
  const current = versions.at(-1);
  if (current === undefined) return { noncurrent };
  const expires = current.deleteMarker
    ? versions.length - noncurrent.length === 1 &&
      rulesFor(rules, key).some((rule) => rule.expiredDeleteMarkers === true)
    : isDue('expirationDays', current.lastModified);
  return { noncurrent, ...(expires ? { current } : {}) };
}

export function isAbandoned(
  rules: readonly StoredRule[],
  { key, initiatedAt }: MultipartUpload,
  ageOf: AgeOf,
): boolean {
  return dueUnder(rules, key, ageOf)('abortMultipartDays', initiatedAt);
}

function dueUnder(rules: readonly StoredRule[], key: string, ageOf: AgeOf) {
  return (kind: Kind, at: number) =>
    rulesFor(rules, key).some((rule) => {
      const days = rule[kind];
      return days !== undefined && ageOf(at) >= days * DAY;
    });
}

function rulesFor(rules: readonly StoredRule[], key: string): StoredRule[] {
  return rules.filter(({ disabled, prefix = '' }) => disabled !== true && key.startsWith(prefix));
}

import type { VirtualClock } from './clock.ts';
import { markOf, type Mark } from './marks.ts';

/** A stored object, or a delete marker. */
export interface Stored {
  /** Number of objects ever stored in the bucket, including this one. */
  number: number;
  versionId: string;
  /** Absent for a delete marker. */
  bytes?: Uint8Array;
  /** The mark in the bytes. */
  mark: Mark;
  /** When it was stored, in milliseconds since the epoch. */
  at: number;
}

export type StoredObject = Stored & { bytes: Uint8Array };

export type Versioning = 'never' | 'enabled' | 'suspended';

/**
 * A bucket's versions, derived from requests to S3 and their responses. This implements AWS's documented versioning
 * rules independently, so that the checks do not rely on the same model as the worker.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html
 */
export interface ObjectHistory {
  versioning: Versioning;
  /** Increases with each change. */
  readonly revision: number;
  keys(): Iterable<string>;
  /** Returns a key's versions, newest last. */
  versions(key: string): readonly Stored[];
  /** Returns what a request without a version id reads. */
  current(key: string): StoredObject | undefined;
  /** Returns everything that a request without a version id could have read since a revision, oldest first. */
  since(key: string, revision: number): readonly (StoredObject | undefined)[];
  stored(key: string, versionId: string, bytes: Uint8Array): void;
  /** A deletion without a version id. `versionId` is the marker's, if S3 returned one. */
  deleted(key: string, versionId: string | undefined): void;
  /** A deletion of a single version. */
  removed(key: string, versionId: string): void;
}

export function createObjectHistory(clock: Pick<VirtualClock, 'now'>): ObjectHistory {
  const byKey = new Map<string, Stored[]>();
  /** By key: each change of what is current. */
  const changes = new Map<string, { revision: number; current: StoredObject | undefined }[]>();
  let count = 0;
  let revision = 0;

  function set(key: string, versions: Stored[]): void {
    revision += 1;
    byKey.set(key, versions);
    const current = history.current(key);
    const before = changes.get(key) ?? [];
    if (before.at(-1)?.current !== current) changes.set(key, [...before, { revision, current }]);
  }

  const without = (key: string, versionId: string) =>
    (byKey.get(key) ?? []).filter((each) => each.versionId !== versionId);

  function add(key: string, version: Omit<Stored, 'number' | 'at'>): void {
    const before = history.versioning === 'enabled' ? (byKey.get(key) ?? []) : without(key, 'null');
    count += 1;
    set(key, [...before, { ...version, number: count, at: clock.now() }]);
  }

  const history: ObjectHistory = {
    versioning: 'never',
    get revision() {
      return revision;
    },
    keys: () => byKey.keys(),
    versions: (key) => byKey.get(key) ?? [],
    current(key) {
      const newest = byKey.get(key)?.at(-1);
      return newest?.bytes === undefined ? undefined : (newest as StoredObject);
    },
    since(key, earliest) {
      const all = changes.get(key) ?? [];
      const before = all.findLast((change) => change.revision <= earliest);
      const later = all.filter((change) => change.revision > earliest);
      return [before, ...later].map((change) => change?.current);
    },
    stored(key, versionId, bytes) {
      if ((versionId === 'null') === (history.versioning === 'enabled'))
        throw new Error(`S3 answered the version ${versionId} while versioning was ${history.versioning}`);
      add(key, { versionId, bytes, mark: markOf(bytes) });
    },
    deleted(key, versionId) {
      if (history.versioning === 'never') set(key, []);
      else add(key, { versionId: versionId ?? '', mark: {} });
    },
    removed: (key, versionId) => set(key, without(key, versionId)),
  };
  return history;
}

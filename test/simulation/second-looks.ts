import type { Deployments } from './deployments.ts';
import { markOf } from './marks.ts';
import type { Owner } from './steps.ts';
import type { World } from './world.ts';

/**
 * The second checks of the source that workers owe for results without a stamp (docs/adr/0025). Until then, a result
 * may belong to an upload other than the current one.
 */
export interface SecondLooks {
  /** A worker has stored a result. */
  stored(owner: Owner, resultKey: string): void;
  /** A worker reads the current source. */
  looked(owner: Owner, key: string): void;
  /** A worker reports that its work on these keys is done. */
  settled(owner: Owner, keys: readonly string[]): void;
  /** Whether a live worker has stored a result of the key and has not confirmed its source since. */
  isOwed(key: string): boolean;
}

export function createSecondLooks(world: World, deployments: Deployments): SecondLooks {
  /** By the source's key: the uploads of the stored results. An invocation can work on several of a key at once. */
  const owing = new Map<string, Map<Owner, Set<number>>>();
  const of = (key: string) => owing.get(key) ?? new Map<Owner, Set<number>>();

  return {
    stored(owner, resultKey) {
      const { upload = 0, key = '' } = world.stored.current(resultKey)?.mark ?? {};
      if (!deployments.mayLackStamp(key)) return;
      owing.set(key, of(key).set(owner, (of(key).get(owner) ?? new Set()).add(upload)));
    },

    looked(owner, key) {
      const stored = of(key).get(owner);
      if (stored === undefined) return;
      const source = world.sources.current(key);
      const upload = source === undefined ? undefined : markOf(source.bytes).upload;
      if (upload === undefined || (stored.delete(upload) && stored.size === 0)) of(key).delete(owner);
      else if (stored.size > 0) world.met('a source that moved between write and second look');
    },

    settled(owner, keys) {
      for (const key of keys) of(key).delete(owner);
    },

    isOwed: (key) => [...of(key).keys()].some(({ alive }) => alive),
  };
}

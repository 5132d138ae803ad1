import type { Deployments } from './deployments.ts';
import { markOf } from './marks.ts';
import type { Owner } from './steps.ts';
import type { World } from './world.ts';

/**
 * The second checks of the source that workers owe after they store results of keys whose results may lack a stamp
 * (docs/adr/0025). Until then, a result may belong to an upload other than the current one.
 */
export interface SecondLooks {
  /** A worker starts another invocation. What it left undone in the last one, somebody else does. */
  begun(owner: Owner): void;
  /** A worker has stored a result. */
  stored(owner: Owner, resultKey: string): void;
  /** A worker reads the current source. */
  looked(owner: Owner, key: string): void;
  /** A worker reports that its work on these keys is done. */
  settled(owner: Owner, keys: readonly string[]): void;
  /** Whether a live worker has stored a result of the key and has not confirmed its source since. */
  isOwed(key: string): boolean;
  /**
   * Whether the current object's result was replaced by that of an earlier upload with equal content, and its writer,
   * dead or alive, is another worker that has not confirmed the source since. That worker or its message makes the
   * result right.
   */
  isOwedByOthers(owner: Owner, key: string): boolean;
}

export function createSecondLooks(world: World, deployments: Deployments): SecondLooks {
  /** By the source's key: the uploads whose results were stored, by the results' keys. */
  const owing = new Map<string, Map<Owner, Map<string, number>>>();
  const of = (key: string) => owing.get(key) ?? new Map<Owner, Map<string, number>>();
  /** By result key: the last write, until its source is confirmed. */
  const unconfirmed = new Map<string, { owner: Owner; key: string; upload: number }>();

  return {
    begun(owner) {
      for (const ofKey of owing.values()) ofKey.delete(owner);
    },

    stored(owner, resultKey) {
      const { upload = 0, key = '' } = world.stored.current(resultKey)?.mark ?? {};
      if (!deployments.mayLackStamp(key)) return;
      const ofOwner = of(key).get(owner) ?? new Map<string, number>();
      owing.set(key, of(key).set(owner, ofOwner.set(resultKey, upload)));
      unconfirmed.set(resultKey, { owner, key, upload });
    },

    looked(owner, key) {
      const source = world.sources.current(key);
      const current = source === undefined ? undefined : markOf(source.bytes).upload;
      const isConfirmed = (upload: number) => current === undefined || upload === current;
      for (const [resultKey, last] of unconfirmed)
        if (last.owner === owner && last.key === key && isConfirmed(last.upload))
          unconfirmed.delete(resultKey);
      const ofOwner = of(key).get(owner);
      if (ofOwner === undefined) return;
      // An invocation can work on several uploads of the key at once.
      const confirmed = [...ofOwner].filter(([, upload]) => isConfirmed(upload));
      if (confirmed.length === 0) world.met('a source that moved between write and second look');
      for (const [resultKey] of confirmed) ofOwner.delete(resultKey);
      if (ofOwner.size === 0) of(key).delete(owner);
    },

    settled(owner, keys) {
      for (const key of keys) of(key).delete(owner);
      for (const [resultKey, last] of unconfirmed)
        if (last.owner === owner && keys.includes(last.key)) unconfirmed.delete(resultKey);
    },

    isOwed: (key) => [...of(key).keys()].some(({ alive }) => alive),

    isOwedByOthers(owner, key) {
      const latest = world.history.latest(key);
      return [...unconfirmed].some(
        ([resultKey, last]) =>
          last.key === key &&
          last.owner !== owner &&
          last.upload !== latest?.upload &&
          world.history.contentOf(last.upload) === latest?.content &&
          world.stored.current(resultKey)?.mark.upload === last.upload,
      );
    },
  };
}

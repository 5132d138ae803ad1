import type { Deployed, Deployments } from '../deployments.ts';
import type { StoredObject } from '../object-history.ts';
import type { Owner } from '../steps.ts';
import type { World } from '../world.ts';

/** Checks the results that removals of orphans delete, and what they owe to sources that came back meanwhile. */
export interface Removed {
  /** A removal deleted this object of the result bucket. Returns a violation, if any. */
  result(owner: Owner, result: StoredObject): string | undefined;
  /**
   * A worker deleted this object of the result bucket with its upload. Without a stamp, it can mistake another upload's
   * result of equal content, under a name that both have in different configurations, for that of the deleted one: their
   * ETags are equal. The scheduled reconciliation then queues the other upload.
   */
  withUpload(owner: Owner, deployed: Deployed, resultKey: string, result: StoredObject): void;
  /** A removal has ended, with or without an error. */
  ended(owner: Owner, isComplete: boolean): void;
  /** Whether a removal deleted a result without a stamp that belongs to the key's current source. */
  hasTaken(key: string): boolean;
  /** Whether a removal that has not ended well deleted the result of the key's current source. */
  isOwed(key: string): boolean;
  /** The key's result is there again. */
  settled(key: string): void;
  /** Returns the keys whose result a removal deleted, and whose source it then found and queued. */
  queued(): Iterable<string>;
}

interface Debt {
  /** The position of the key's current object in its history. */
  place: number;
  owner: Owner;
  isQueued: boolean;
}

export function createRemoved(world: World, deployments: Deployments): Removed {
  const { history } = world;
  const debts = new Map<string, Debt>();

  function debtOf(key: string): Debt | undefined {
    const debt = debts.get(key);
    return debt?.place === history.latest(key)?.place ? debt : undefined;
  }

  return {
    result(owner, { mark }) {
      const { key = '', upload } = mark;
      const latest = history.latest(key);
      if (latest?.upload === undefined) {
        world.met('an orphan is removed');
        return undefined;
      }
      const isRepeated = history.earlierContents(key).includes(latest.content ?? '');
      const isExcused = deployments.mayLackStamp(key) && isRepeated;
      if (latest.told && latest.upload === upload && !isExcused)
        return `a removal of orphans deleted the result of a new upload of ${key}`;
      world.met('an orphan is removed whose source came back');
      debts.set(key, { place: latest.place, owner, isQueued: false });
      return undefined;
    },

    withUpload(owner, deployed, resultKey, { mark }) {
      const { key = '', upload } = mark;
      const latest = history.latest(key);
      if (latest === undefined || latest.upload !== upload || !deployments.mayLackStamp(key)) return;
      const isMistaken = [...history.keys()].some(
        (other) =>
          other !== key &&
          history.latest(other)?.upload === undefined &&
          deployed.expected(other).results.some((each) => each.key === resultKey) &&
          history.earlierContents(other).includes(latest.content ?? ''),
      );
      if (isMistaken) debts.set(key, { place: latest.place, owner, isQueued: false });
    },

    ended(owner, isComplete) {
      for (const debt of debts.values()) if (debt.owner === owner && isComplete) debt.isQueued = true;
    },

    hasTaken: (key) => deployments.mayLackStamp(key) && debtOf(key) !== undefined,

    isOwed: (key) => debtOf(key)?.isQueued === false,

    settled: (key) => void debts.delete(key),

    queued: () => [...debts.keys()].filter((key) => debtOf(key)?.isQueued === true),
  };
}

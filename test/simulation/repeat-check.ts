import type { S3Client } from '@aws-sdk/client-s3';
import { BUCKETS } from '../../src/local/resources.ts';
import { objectStatus, type ObjectStatus } from '../../src/ops/object-status.ts';
import type { Deployments } from './deployments.ts';
import { UNCONVERTIBLE } from './unconvertible.ts';
import type { World } from './world.ts';

/** What a user sees for a key. */
interface Seen {
  state: ObjectStatus;
  /** The writes of the results, for any upload. */
  writes: string;
}

/** Checks that a repeated notification changes nothing that was right. */
export interface RepeatCheck {
  look(): Promise<Map<string, Seen>>;
  /**
   * Returns what became worse or changed unnecessarily. An environment failure may be replaced by the upload's own
   * outcome: its result, or the code for its contents. In an unversioned bucket, a result may be written again.
   */
  difference(before: Map<string, Seen>, after: Map<string, Seen>): string | undefined;
}

const label = (state: ObjectStatus) => ('code' in state ? `${state.status} ${state.code}` : state.status);

export function createRepeatCheck({
  world,
  s3,
  deployments,
}: {
  world: World;
  s3: S3Client;
  deployments: Deployments;
}): RepeatCheck {
  async function see(key: string): Promise<Seen> {
    const object = { bucket: BUCKETS.uploads, key };
    const { results } = deployments.current.expected(key);
    const writes = results.map((each) => world.stored.current(each.key)?.number);
    return { state: await objectStatus(s3, deployments.current.config, object), writes: writes.join() };
  }

  /** States that depend only on the upload. */
  function ownStates(key: string): string[] {
    const codes = UNCONVERTIBLE[world.history.latest(key)?.content ?? ''];
    return codes?.map((code) => `failed ${code}`) ?? ['converted'];
  }

  return {
    async look() {
      const keys = [...world.history.keys()];
      return new Map(await Promise.all(keys.map(async (key) => [key, await see(key)] as const)));
    },

    difference(before, after) {
      for (const [key, { state, writes }] of before) {
        const now = after.get(key);
        if (now === undefined) return `a repeated notification made ${key} vanish`;
        const [was, is] = [label(state), label(now.state)];
        if (is !== was && !ownStates(key).includes(is))
          return `a repeated notification turned ${key} from ${was} to ${is}`;
        const mayWrite =
          is === 'converted' && (was !== is || world.sources.current(key)?.versionId === 'null');
        if (now.writes !== writes && !mayWrite) return `a repeated notification changed a result of ${key}`;
      }
      return undefined;
    },
  };
}

import type { S3Client } from '@aws-sdk/client-s3';
import { BUCKETS } from '../../src/local/resources.ts';
import { failureKey } from '../../src/core/keys.ts';
import { objectStatus, readReport } from '../../src/ops/object-status.ts';
import type { Config } from '../../src/worker/config.ts';
import type { DeadLetterCheck } from './dead-letter-check.ts';
import type { Invariants } from './invariants.ts';
import { ACCIDENTS, isOneOf, UNCONVERTIBLE } from './unconvertible.ts';
import type { World } from './world.ts';

/** What must hold when nothing is left that could happen. */
export interface RestChecks {
  /** Before anything is mended: what can be converted is converted, unless the environment failed it too often. */
  unconverted(): string | undefined;
  /**
   * What cannot be converted has a status that says so, and why; what can is not reported as bad. No attempt may still
   * be possible.
   */
  untold(): Promise<string | undefined>;
  /** Once all is mended: everything is converted, and the status command says so. */
  unmended(): Promise<string | undefined>;
}

interface RestChecksDeps {
  world: World;
  s3: S3Client;
  config: Config;
  invariants: Invariants;
  deadLetters: DeadLetterCheck;
}

export function createRestChecks(deps: RestChecksDeps): RestChecks {
  const { world, s3, config, invariants, deadLetters } = deps;
  const scope = { ...config, renditions: config.recipe.renditions.map(({ name }) => name) };

  /** The latest upload of each key that was not deleted since, and which codes its failure may have, if it must fail. */
  function* current() {
    for (const key of world.uploads.versions.keys()) {
      const source = world.current(world.uploads, key);
      if (source === undefined) continue;
      const content = Buffer.from(world.contentOf(source)).toString();
      yield { key, content, codes: UNCONVERTIBLE[content], source };
    }
  }

  const isAccident = ({ code, messageId }: { code: string; messageId: string }) =>
    isOneOf(ACCIDENTS, code) && world.disturbancesOf(messageId) > 0;

  const stateOf = (key: string) => objectStatus(s3, scope, { bucket: BUCKETS.uploads, key });

  return {
    unconverted() {
      for (const { key, content, codes } of current()) {
        if (codes !== undefined || invariants.isConverted(key) || deadLetters.isUnlucky(key)) continue;
        return `${key} is ${content}, and it is not converted although nothing kept it from it`;
      }
      return undefined;
    },

    async untold() {
      for (const { key, content, codes, source } of current()) {
        if (codes === undefined) {
          const report = await readReport(
            s3,
            config.failureBucket,
            failureKey({ bucket: BUCKETS.uploads, key }, config),
          );
          const isOfIt =
            report?.source.etag === `"${source.etag}"` &&
            (report.source.versionId ?? 'null') === (source.versionId ?? 'null');
          if (isOfIt && report.code === 'image.corrupt')
            return `${key} is ${content}, and its report says ${report.code}`;
          continue;
        }
        if (deadLetters.isUnlucky(key)) continue;
        const state = await stateOf(key);
        if (state.status === 'failed' && isAccident(state)) continue;
        if (state.status !== 'failed' || !isOneOf(codes, state.code))
          return `${key} is ${content}, and its status is ${JSON.stringify(state)}`;
      }
      return undefined;
    },

    async unmended() {
      for (const { key } of current()) {
        const { status } = await stateOf(key);
        if (!invariants.isConverted(key) || status !== 'converted')
          return `${key} is ${status} although everything is mended`;
      }
      return undefined;
    },
  };
}

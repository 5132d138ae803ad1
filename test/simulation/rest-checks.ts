import type { S3Client } from '@aws-sdk/client-s3';
import { BUCKETS } from '../../src/local/resources.ts';
import { failureKey } from '../../src/core/keys.ts';
import { objectStatus, readReport } from '../../src/ops/object-status.ts';
import type { DeadLetterCheck } from './dead-letter-check.ts';
import type { Deployments } from './deployments.ts';
import type { Invariants } from './invariants.ts';
import { etagOf } from './marks.ts';
import { ACCIDENTS, BAD_CODES, isOneOf, UNCONVERTIBLE } from './unconvertible.ts';
import type { StoredObject } from './object-history.ts';
import type { Removed } from './orphans/removed.ts';
import { batchViewAtRest } from './views/at-rest.ts';
import type { World } from './world.ts';

/** Invariants at rest, when nothing more can happen. */
export interface RestChecks {
  /**
   * Before anything is fixed: everything convertible is converted, unless faults affected it too often. Restored
   * versions are not known yet.
   */
  unconverted(): string | undefined;
  /**
   * Unconvertible uploads have a status that says so, and why; convertible ones are not reported as bad. Call when no
   * further attempt is possible.
   */
  unreported(): Promise<string | undefined>;
  /** `status` shows only results of the key, and those that are not stale were made under its current rule. */
  misshown(): Promise<string | undefined>;
  /** After everything is fixed and redriven: all uploads that S3 notified of are converted, and `status` says so. */
  unmended(): Promise<string | undefined>;
  /** After the scheduled reconciliation: each upload has a result or a report, its own or an earlier upload's. */
  unsettled(): string | undefined;
  /**
   * If results are deleted with their uploads: nothing is left of a deleted upload, unless its dead letter says why.
   */
  leftBehind(): string | undefined;
  /** After a backfill of pending and stale uploads: nothing is pending, and every result has the deployed recipe. */
  unreconciled(): Promise<string | undefined>;
  /** After everything is fixed, and a backfill that includes failed uploads. */
  unfinished(): Promise<string | undefined>;
}

interface Current {
  key: string;
  content: string;
  /** The codes that its failure may have, if it must fail. */
  codes: readonly string[] | undefined;
  source: StoredObject;
  /** Whether S3 notified of it: it was uploaded, not restored. */
  told: boolean;
}

/** The fault of an upload itself. */
const OF_CONTENT: readonly string[] = [...BAD_CODES, 'conversion.timeout'];

interface RestChecksDeps {
  world: World;
  s3: S3Client;
  deployments: Deployments;
  invariants: Invariants;
  deadLetters: DeadLetterCheck;
  removed: Removed;
}

export function createRestChecks(deps: RestChecksDeps): RestChecks {
  const { world, s3, deployments, invariants, deadLetters, removed } = deps;
  const { config } = deployments.current;
  const isRolledBack = () => {
    const { recipeId } = deployments.current.config;
    return deployments.all.filter((each) => each.config.recipeId === recipeId).length > 1;
  };

  /** Each key's object, and the codes that its failure may have, if it must fail. */
  function* current(): Generator<Current> {
    for (const key of world.history.keys()) {
      const { upload, content = '', told = false } = world.history.latest(key) ?? {};
      const source = world.sources.current(key);
      if (upload === undefined || source === undefined) continue;
      yield { key, content, codes: UNCONVERTIBLE[content], source, told };
    }
  }

  const isAccident = ({ code, messageId }: { code: string; messageId: string }) =>
    isOneOf(ACCIDENTS, code) && world.disturbancesOf(messageId) > 0;

  const stateOf = (key: string) =>
    objectStatus(s3, deployments.current.config, { bucket: BUCKETS.uploads, key });

  /**
   * Whether an attempt's report that could not be withdrawn because of a fault counts again, because its version was
   * restored, the key's result names have changed, or its recipe is deployed again. A backfill of failed uploads
   * converts it.
   */
  async function isLeftReport({ key, told }: Current): Promise<boolean> {
    if (told && !deployments.movesResults(key) && !(isRolledBack() && invariants.isCurrent(key)))
      return false;
    const state = await stateOf(key);
    return state.status === 'failed' && isAccident(state);
  }

  /**
   * Whether repeated faults kept a converted upload from its result under the deployed recipe. The message may have
   * named an earlier upload: its attempts met this one.
   */
  const isHeldBack = (key: string) =>
    invariants.isCurrent(key) && !invariants.isUpToDate(key) && deadLetters.hasUnlucky(key);

  /** Whether its dead letter expired without a copy, because the expiry guard failed each time. */
  const hasExpired = (key: string) =>
    world.dropped.some((letter) =>
      world.messageContents
        .of(letter.body)
        .some((each) => each.key === key && world.history.isLatest(each, letter)),
    );

  async function whyUntold({ key, content, codes = [] }: Current): Promise<string | undefined> {
    if (deadLetters.isUnlucky(key)) return undefined;
    const state = await stateOf(key);
    if (state.status === 'failed' && isAccident(state)) return undefined;
    if (state.status === 'failed' && isOneOf(codes, state.code)) return undefined;
    return `${key} is ${content}, and its status is ${JSON.stringify(state)}`;
  }

  /** Checks the listing-based views, except for restored versions, which they cannot detect. */
  async function wronglyListed(): Promise<string | undefined> {
    const { violation, states: listed } = await batchViewAtRest({ world, s3, deployments });
    if (violation !== undefined) return violation;
    const there = [...current()];
    if (listed.size !== there.length) return `${listed.size} of ${there.length} uploads are listed`;
    for (const each of there) {
      const { key } = each;
      if (world.history.comebacks(key) > 0 || deadLetters.isUnlucky(key)) continue;
      if (await isLeftReport(each)) continue;
      const wanted = invariants.isCurrent(key) ? 'converted' : 'failed';
      const state = listed.get(key);
      if (state === wanted || (state === 'failed' && isHeldBack(key))) continue;
      return `${key} is ${wanted}, and listed as ${state}`;
    }
    return undefined;
  }

  return {
    unconverted() {
      const queued = new Set(removed.queued());
      for (const { key, content, codes, told } of current()) {
        if (removed.isOwed(key) || (!told && !queued.has(key))) continue;
        if (codes !== undefined || invariants.isConverted(key) || deadLetters.isUnlucky(key)) continue;
        return `${key} is ${content}, and it is not converted although nothing kept it from it`;
      }
      return undefined;
    },

    async unreported() {
      for (const each of current()) {
        const { key, content, codes, source, told } = each;
        if (codes !== undefined) {
          const violation = told ? await whyUntold(each) : undefined;
          if (violation !== undefined) return violation;
          continue;
        }
        const report = await readReport(
          s3,
          config.failureBucket,
          failureKey({ bucket: BUCKETS.uploads, key }, config),
        );
        const isOfIt =
          report?.source.etag === `"${etagOf(source.bytes)}"` &&
          (report.source.versionId ?? 'null') === source.versionId;
        if (isOfIt && isOneOf(OF_CONTENT, report.code))
          return `${key} is ${content}, and its report says ${report.code}`;
      }
      return undefined;
    },

    async misshown() {
      const { number } = deployments.current;
      for (const { key } of current()) {
        const state = await stateOf(key);
        if (state.status !== 'converted') continue;
        for (const result of state.results) {
          const { mark } = world.stored.current(result.key) ?? {};
          if (mark?.key !== key)
            return `${key} is shown with ${result.key}, which is a result of ${mark?.key}`;
          if (!state.stale && (mark.deployment ?? 0) < number)
            return `${key} is shown with ${result.key} of a former rule, and not as stale`;
        }
      }
      return undefined;
    },

    unsettled() {
      for (const { key, content } of current()) {
        const report = failureKey({ bucket: BUCKETS.uploads, key }, config);
        const isReported = world.current(world.failures, report) !== undefined;
        const { results } = deployments.current.expected(key);
        if (isReported || results.every((each) => world.stored.current(each.key) !== undefined)) continue;
        return `${key} is ${content}, and has neither results nor a report after the scheduled reconciliation`;
      }
      return undefined;
    },

    leftBehind() {
      if (config.whenDeleted === 'keep') return undefined;
      const excused = new Set(
        [...world.dead.all(), ...world.setAside.values()].flatMap(({ body }) =>
          world.messageContents.of(body).map(({ key }) => key),
        ),
      );
      for (const key of world.history.keys()) {
        if (world.sources.current(key) !== undefined || excused.has(key)) continue;
        const report = failureKey({ bucket: BUCKETS.uploads, key }, config);
        const left = deployments.current
          .expected(key)
          .results.map((each) => each.key)
          .filter((each) => world.stored.current(each)?.mark.key === key);
        if (world.current(world.failures, report) !== undefined) left.push(`the report ${report}`);
        if (left.length > 0) return `${key} is deleted, and ${left.join(' and ')} are still there`;
      }
      return undefined;
    },

    async unreconciled() {
      const wrong = await wronglyListed();
      if (wrong !== undefined) return wrong;
      for (const each of current()) {
        const { key, content, codes } = each;
        if (codes !== undefined) {
          const violation = await whyUntold(each);
          if (violation !== undefined) return `${violation} after a backfill`;
          continue;
        }
        if (await isLeftReport(each)) continue;
        if (!invariants.isUpToDate(key) && !deadLetters.isUnlucky(key) && !isHeldBack(key))
          return `${key} is ${content}, and after a backfill its result is not of it and the deployed recipe`;
      }
      return undefined;
    },

    async unmended() {
      for (const each of current()) {
        const { key, told } = each;
        if (!told || (await isLeftReport(each))) continue;
        const { status } = await stateOf(key);
        // No redrive brings back expired messages. The report says why the upload failed, and a backfill finds it.
        if (status === 'failed' && hasExpired(key)) continue;
        if (!invariants.isCurrent(key) || status !== 'converted')
          return `${key} is ${status} although everything is mended`;
      }
      return undefined;
    },

    async unfinished() {
      const wrong = await wronglyListed();
      if (wrong !== undefined) return wrong;
      for (const { key } of current()) {
        const state = await stateOf(key);
        const isShown = state.status === 'converted' && !state.stale;
        if (!invariants.isUpToDate(key) || !isShown)
          return `${key} is ${state.status} although everything is mended and backfilled`;
      }
      return undefined;
    },
  };
}

import { randomUUID } from 'node:crypto';
import type { Expected } from '../core/compare-and-set.ts';
import { Rejected, Retryable } from '../core/errors.ts';
import { isPlaceholder } from '../core/ignored.ts';
import { isTooLong } from '../core/keys.ts';
import type { ObjectRef } from '../core/object-ref.ts';
import type { Outcome, StoredResult } from '../core/outcome.ts';
import { resultKey } from '../core/result-keys.ts';
import { readResultMetadata, stampOf, type ResultMetadata } from '../core/result-metadata.ts';
import { standingOf } from '../core/result-standing.ts';
import { resultNamesOf } from '../core/rules.ts';
import { apparentlySameUpload, type SourceIdentity } from '../core/source.ts';
import type { Config } from './config.ts';
import { streamedContent, wholeContent, type Content } from './conversion/content.ts';
import type { Conversions } from './conversion/conversions.ts';
import { readyRules, tooLarge, type ReadyRule } from './conversion/rules.ts';
import { runConversion } from './conversion/run.ts';
import { createScratch, type Scratch } from './conversion/scratch.ts';
import type { ReadyResult } from './conversion/spool.ts';
import type { InSlot } from './invocation.ts';
import type { Found, Opened, Storage } from './storage.ts';
import { storeResult } from './store-result.ts';
import type { Telemetry } from './telemetry.ts';

interface ConvertObjectDeps {
  config: Config;
  storage: Storage;
  conversions: Conversions;
  telemetry: Telemetry;
}

/** @param inSlot limits how many conversions run at the same time, and begins none without enough time left */
export type ConvertObject = (object: ObjectRef, inSlot: InSlot) => Promise<Outcome>;

/** A result as it was before the source was read. */
interface Target {
  /** Its name. */
  rendition: string;
  key: string;
  expected: Expected;
  stored: ResultMetadata | undefined;
}

/** A result, and where it belongs. */
interface Made {
  target: Target;
  result: ReadyResult;
}

function keyTooLong(name: string): Rejected {
  const message = `the key of its result ${name} would have more than the 1,024 bytes that S3 takes`;
  return new Rejected('key.too_long', message);
}

function leftToLaterDeployment({ key }: Target): Retryable {
  const message = `a later deployment made the result ${key}; this upload is left to that deployment`;
  return new Retryable('recipe.outdated', message);
}

function isStored(written: StoredResult | 'lost' | Retryable): written is StoredResult {
  return written !== 'lost' && !(written instanceof Retryable);
}

/** Tries before the writers of a key are left to each other for a while. */
const ROUNDS = 3;

/**
 * Brings the results of an object up to its current source, whichever message asked for it.
 *
 * The order of the requests is the protocol (docs/adr/0003): the results are looked at *before* the source is
 * read, and written only if they are still what they were then. So whoever writes last has read last, and the
 * latest upload wins. Results without a stamp need a second look at the source after the write (docs/adr/0025).
 */
export function createConvertObject({
  config,
  storage,
  conversions,
  telemetry,
}: ConvertObjectDeps): ConvertObject {
  const namespace = { uploadBuckets: config.uploadBuckets, ...resultNamesOf(config.recipe) };
  const ruleFor = readyRules(config.recipe, conversions);

  return async function convertObject(object, inSlot) {
    const rule = ruleFor(object.key);
    const tooLong = rule.renditions.find((name) => isTooLong(resultKey(object, name, namespace)));
    if (tooLong !== undefined) {
      const found = await storage.head(object.bucket, object.key);
      if (found === undefined) return { kind: 'gone' };
      return isPlaceholder({ ...object, ...found })
        ? { kind: 'ignored' }
        : { kind: 'rejected', error: keyTooLong(tooLong) };
    }
    let unanswered: Retryable | undefined;
    for (let round = 1; round <= ROUNDS; round += 1) {
      const targets = await telemetry.phase('check', () => checkResults(object, rule));
      if (targets.every(({ stored }) => stored?.sourceVersionId !== undefined)) {
        // Most likely a duplicate: a HEAD is enough to know, and no byte of the source is fetched.
        const source = await storage.head(object.bucket, object.key);
        if (source === undefined) return { kind: 'gone' };
        if (isPlaceholder({ ...object, ...source })) return { kind: 'ignored' };
        const stale = outdated(targets, source.identity);
        if (stale instanceof Retryable) throw stale;
        if (stale.length === 0) return { kind: 'current' };
      }
      const source = await telemetry.phase('open', () => find(object, rule));
      if (source === undefined) return { kind: 'gone' };
      if (isPlaceholder({ ...object, ...source })) {
        discard(source);
        return { kind: 'ignored' };
      }
      const stale = outdated(targets, source.identity);
      if (stale instanceof Retryable || stale.length === 0) discard(source);
      if (stale instanceof Retryable) throw stale;
      if (stale.length === 0) return { kind: 'current' };

      const stamp = stampOf(source.identity.versionId ?? randomUUID(), config.generation);
      const scratch = createScratch();
      let writes: (StoredResult | 'lost' | Retryable)[];
      try {
        const made = await make(object, rule, source, { stale, stamp, scratch }, inSlot);
        if (made === 'moved') continue;
        writes = await telemetry.phase('store', () =>
          Promise.all(
            made.map(({ target, result }) =>
              storeResult({ config, storage }, { object, source: source.identity, stamp }, result, target),
            ),
          ),
        );
      } catch (error) {
        if (error instanceof Rejected) return { kind: 'rejected', error, source: source.identity };
        throw error;
      } finally {
        await scratch.remove();
      }
      unanswered = writes.find((result) => result instanceof Retryable);
      const results = writes.filter(isStored);
      if (results.length === stale.length) {
        const now = rule.code.stamped ? 'as it was' : await lookAgain(object, source.identity);
        if (now === 'gone') return { kind: 'gone' };
        if (now === 'moved') continue;
        return { kind: 'converted', source: source.identity, results, sourceBytes: source.bytes };
      }
    }
    throw (
      unanswered ??
      new Retryable('storage.contended', `the result or its upload changed ${ROUNDS} times while it was made`)
    );
  };

  function checkResults(object: ObjectRef, { renditions }: ReadyRule): Promise<Target[]> {
    return Promise.all(
      renditions.map(async (rendition) => {
        const key = resultKey(object, rendition, namespace);
        const existing = await storage.head(config.resultBucket, key);
        return {
          rendition,
          key,
          expected: existing === undefined ? 'absent' : { etag: existing.identity.etag },
          stored: readResultMetadata(existing?.metadata),
        };
      }),
    );
  }

  /**
   * Returns the results to make again for this source: those that do not certainly derive from it, and those of an
   * older recipe. Returns an error if a later deployment made a result that may derive from another upload: replacing
   * it could end with the older recipe, and acknowledging could lose this upload (docs/adr/0013).
   */
  function outdated(targets: Target[], source: SourceIdentity): Target[] | Retryable {
    const stale: Target[] = [];
    for (const target of targets) {
      const standing = target.stored && standingOf(target.stored, source, config);
      if (standing?.upload !== 'same' && standing?.recipe === 'younger') return leftToLaterDeployment(target);
      if (standing?.upload !== 'same' || standing.recipe === 'older') stale.push(target);
    }
    return stale;
  }

  /**
   * Looks at the source again after results without a stamp were stored. Where contents repeat, so do ETags, and the
   * write of an earlier upload may have replaced the result of a later one (docs/adr/0025).
   */
  async function lookAgain(
    { bucket, key }: ObjectRef,
    converted: SourceIdentity,
  ): Promise<'as it was' | 'moved' | 'gone'> {
    const source = await storage.head(bucket, key);
    if (source === undefined) return 'gone';
    return apparentlySameUpload(source.identity, converted) ? 'as it was' : 'moved';
  }

  /** A stream is opened when its conversion begins: it must not wait for a slot with a connection that idles. */
  function find({ bucket, key }: ObjectRef, { code }: ReadyRule): Promise<Found | Opened | undefined> {
    return code.streams ? storage.head(bucket, key) : storage.open(bucket, key);
  }

  /** Makes the results of the targets; `moved` if the source is not the one that was found any more. */
  async function make(
    { bucket, key }: ObjectRef,
    rule: ReadyRule,
    source: Found | Opened,
    { stale, stamp, scratch }: { stale: Target[]; stamp: string; scratch: Scratch },
    inSlot: InSlot,
  ): Promise<Made[] | 'moved'> {
    const { bytes } = source;
    const refused = tooLarge(rule, bytes);
    if (refused !== undefined) {
      discard(source);
      throw refused;
    }
    const run = { key, bytes, stamp, scratch, renditions: stale.map(({ rendition }) => rendition) };
    const convert = (content: Content) =>
      telemetry.phase('convert', async () => {
        const results = await runConversion(rule, { ...run, content });
        return results.flatMap((result) => {
          const target = stale.find(({ rendition }) => rendition === result.rendition);
          return target === undefined ? [] : [{ target, result }];
        });
      });
    if (!('read' in source))
      return inSlot(async () => {
        const opened = await storage.open(bucket, key);
        if (opened === undefined || !apparentlySameUpload(opened.identity, source.identity)) {
          discard(opened);
          return 'moved';
        }
        return convert(await streamedContent(opened.stream()));
      });
    const whole = await telemetry.phase('read', () => source.read());
    return inSlot(() => convert(wholeContent(whole)));
  }
}

/** Gives the connection back without reading the content. */
function discard(source: Found | Opened | undefined): void {
  if (source !== undefined && 'discard' in source) source.discard();
}

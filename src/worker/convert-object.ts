import { randomUUID } from 'node:crypto';
import { failureOf, Rejected, Retryable } from '../core/errors.ts';
import { ignoringUploads } from '../core/ignored.ts';
import { isTooLong } from '../core/keys.ts';
import type { ObjectRef } from '../core/object-ref.ts';
import type { Outcome, StoredResult } from '../core/outcome.ts';
import { resultKey } from '../core/result-keys.ts';
import { stampOf } from '../core/result-metadata.ts';
import { resultNamesOf } from '../core/rules.ts';
import { apparentlySameUpload, type SourceIdentity } from '../core/source.ts';
import { createCheckResults, type Target } from './check-results.ts';
import type { Config } from './config.ts';
import type { Conversions } from './conversion/conversions.ts';
import { readyRules, type ReadyRule } from './conversion/rules.ts';
import { createScratch } from './conversion/scratch.ts';
import type { InSlot } from './invocation.ts';
import { createMakeResults } from './make-results.ts';
import type { RemoveResults } from './remove-results.ts';
import { discard, type Found, type Opened, type Storage } from './storage.ts';
import { storeResult } from './store-result.ts';
import type { Telemetry } from './telemetry.ts';

interface ConvertObjectDeps {
  config: Config;
  storage: Storage;
  conversions: Conversions;
  removeResults: RemoveResults;
  telemetry: Telemetry;
}

/** @param inSlot limits concurrent conversions, and begins none without enough time left */
export type ConvertObject = (object: ObjectRef, inSlot: InSlot) => Promise<Outcome>;

/** Attempts before this one gives way to the key's other writers for a while. */
const ROUNDS = 3;

/**
 * Makes an object's results match its current source, whichever message asked for it.
 *
 * The order of the requests is the protocol (docs/adr/0003): the results are checked *before* the source is read, and
 * written only if they have not changed since. So the last writer has read the source last, and the latest upload
 * wins. If a result, or the one that it replaces, has no stamp, or if results are deleted with their uploads, the source
 * needs a second check after the write (docs/adr/0025, docs/adr/0032).
 */
export function createConvertObject({
  config,
  storage,
  conversions,
  removeResults,
  telemetry,
}: ConvertObjectDeps): ConvertObject {
  const namespace = { uploadBuckets: config.uploadBuckets, ...resultNamesOf(config.recipe) };
  const isIgnored = ignoringUploads(config.ignore);
  const ruleFor = readyRules(config.recipe, conversions);
  const results = createCheckResults({ config, storage });
  const make = createMakeResults({ storage, telemetry });

  return async function convertObject(object, inSlot) {
    const rule = ruleFor(object.key);
    const tooLong = rule.renditions.find((name) => isTooLong(resultKey(object, name, namespace)));
    const written = new Map<string, StoredResult>();
    let unanswered: Retryable | undefined;
    let mayHaveWritten = false;
    for (let round = 1; round <= ROUNDS; round += 1) {
      const end: Outcome | Again =
        tooLong === undefined
          ? await tryOnce(object, rule, inSlot, written, mayHaveWritten)
          : await refuse(object, tooLong);
      if (end.kind === 'gone') {
        const removed = await removeResults(object);
        if (removed !== 'back') return removed;
      } else if (end.kind === 'again') {
        unanswered = end.error;
        mayHaveWritten ||= unanswered !== undefined;
      } else return end;
    }
    throw (
      unanswered ??
      new Retryable('storage.contended', `the result or its upload changed ${ROUNDS} times while it was made`)
    );
  };

  /**
   * @param written the results that earlier rounds stored, by key; those of this round are added
   * @param mayHaveWritten whether an earlier round's write may still take effect
   */
  async function tryOnce(
    object: ObjectRef,
    rule: ReadyRule,
    inSlot: InSlot,
    written: Map<string, StoredResult>,
    mayHaveWritten: boolean,
  ): Promise<Outcome | Again> {
    const targets = await telemetry.phase('check', () => results.check(object, rule.renditions));
    if (targets.every(({ stored }) => stored?.sourceVersionId !== undefined)) {
      // Most likely a duplicate. A HEAD request confirms it without fetching the source.
      const source = await storage.head(object.bucket, object.key);
      if (source === undefined) return { kind: 'gone' };
      if (isIgnored({ ...object, ...source })) return { kind: 'ignored' };
      if (results.stale(targets, object, source.identity, written).length === 0) return { kind: 'current' };
    }
    const source = await telemetry.phase('open', () => find(object, rule));
    if (source === undefined) return { kind: 'gone' };
    const stale = staleOf(targets, object, source, written);
    if (stale === 'ignored') return { kind: 'ignored' };
    if (stale.length === 0) return { kind: 'current' };

    const stamp = stampOf(source.identity.versionId ?? randomUUID(), config.generation);
    const scratch = createScratch();
    try {
      // Only failures before the first write name the upload. After a write that may have taken effect, a failure can no
      // longer be left to a later upload's message.
      const made = await make(object, rule, source, { targets: stale, stamp, scratch }, inSlot).catch(
        (error: unknown) => {
          throw error instanceof Rejected || mayHaveWritten ? error : failureOf(source.identity, error);
        },
      );
      if (made === 'moved') return { kind: 'again' };
      const { code, extensions } = rule;
      const origin = { object, source: source.identity, stamp, stamped: code.stamped, extensions };
      const writes = await telemetry.phase('store', () =>
        Promise.all(
          made.map(({ target, result }) => storeResult({ config, storage }, origin, result, target)),
        ),
      );
      const stored = writes.filter(isStored);
      for (const result of stored) written.set(result.key, result);
      if (stored.length < stale.length)
        return { kind: 'again', error: writes.find((write) => write instanceof Retryable) };
      const now = await checkAgain(object, rule, source.identity, stale);
      if (now !== 'unchanged') return { kind: now };
      return {
        kind: 'converted',
        source: source.identity,
        results: [...written.values()],
        sourceBytes: source.bytes,
      };
    } catch (error) {
      if (error instanceof Rejected) return { kind: 'rejected', error, source: source.identity };
      throw error;
    } finally {
      await scratch.remove();
    }
  }

  /** Returns the results to make. Releases the source's connection if there are none. */
  function staleOf(
    targets: readonly Target[],
    object: ObjectRef,
    source: Found,
    written: ReadonlyMap<string, StoredResult>,
  ): Target[] | 'ignored' {
    let stale: Target[] = [];
    try {
      if (isIgnored({ ...object, ...source })) return 'ignored';
      stale = results.stale(targets, object, source.identity, written);
      return stale;
    } finally {
      if (stale.length === 0) discard(source);
    }
  }

  /**
   * Checks the source again after results were stored, where that matters. Without a stamp, equal contents have equal
   * ETags, so the write of an earlier upload may have replaced the result of a later one (docs/adr/0025). If results
   * are deleted with their uploads, this upload's deletion may have been processed before its results were stored
   * (docs/adr/0032).
   * @param replaced the results that were written, as they were when they were checked
   */
  async function checkAgain(
    { bucket, key }: ObjectRef,
    { code }: ReadyRule,
    converted: SourceIdentity,
    replaced: readonly Target[],
  ): Promise<'unchanged' | 'again' | 'gone'> {
    const haveStamps = code.stamped && replaced.every(hasStampOrIsAbsent);
    if (haveStamps && config.whenDeleted === 'keep') return 'unchanged';
    const source = await storage.head(bucket, key);
    if (source === undefined) return 'gone';
    return apparentlySameUpload(source.identity, converted) ? 'unchanged' : 'again';
  }

  /**
   * Opens the source. For a conversion that streams, reads only its metadata: it is opened when the conversion
   * begins.
   */
  function find({ bucket, key }: ObjectRef, { code }: ReadyRule): Promise<Found | Opened | undefined> {
    return code.streams ? storage.head(bucket, key) : storage.open(bucket, key);
  }

  async function refuse(object: ObjectRef, rendition: string): Promise<Outcome> {
    const found = await storage.head(object.bucket, object.key);
    if (found === undefined) return { kind: 'gone' };
    return isIgnored({ ...object, ...found })
      ? { kind: 'ignored' }
      : { kind: 'rejected', error: keyTooLong(rendition) };
  }
}

/** Another writer was faster, or a write got no response and failed with this error. */
interface Again {
  kind: 'again';
  error?: Retryable | undefined;
}

/** Returns whether its condition holds only for what was checked: nothing, or a result with a stamp. */
function hasStampOrIsAbsent({ expected, stored }: Target): boolean {
  return expected === 'absent' || stored?.stamped === true;
}

function isStored(written: StoredResult | 'lost' | Retryable): written is StoredResult {
  return written !== 'lost' && !(written instanceof Retryable);
}

function keyTooLong(name: string): Rejected {
  const message = `the key of its result ${name} would have more than the 1,024 bytes that S3 takes`;
  return new Rejected('key.too_long', message);
}

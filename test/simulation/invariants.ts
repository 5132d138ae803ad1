import type { Deployed, Deployments } from './deployments.ts';
import { textOf, type Mark } from './marks.ts';
import type { StoredObject } from './object-history.ts';
import type { Removed } from './orphans/removed.ts';
import type { SecondLooks } from './second-looks.ts';
import type { World } from './world.ts';

/** Invariants that hold after every step, whatever faults occurred. */
export interface Invariants {
  /** @returns the violation, if any */
  check(): string | undefined;
  /**
   * Returns whether the key has all the results that a deployment names for it, all from its current source, and none
   * from an older deployment.
   */
  isConverted(key: string): boolean;
  /** Returns whether all results under the current deployment derive from the current source, with any recipe. */
  isCurrent(key: string): boolean;
  /** Returns whether the current deployment made all its results, from the current source. */
  isUpToDate(key: string): boolean;
  /**
   * Returns whether all results that a deployment names derive from the current source, as far as can be determined:
   * without versions, an earlier upload with equal contents counts as the same.
   */
  looksConverted(key: string): boolean;
  /** Forgets earlier observations of the key's results, because they are deleted. Returns their keys. */
  forget(key: string): string[];
}

/** These checks do not rely on the models of S3 and SQS: each object's bytes identify its origin. */
export function createInvariants(
  world: World,
  deployments: Deployments,
  secondLooks: SecondLooks,
  removed: Removed,
): Invariants {
  const { uploads, results, sources, stored, history, messageContents } = world;
  /** By key: the position of the period whose results were up to date. */
  const upToDate = new Map<string, number>();
  /**
   * By key and result key: the position of the period in which another key's result replaced the current upload's under
   * other rules, and the origin of the replaced one. The replaced result counts as present while the period lasts: an
   * outdated worker may still be storing the upload's other results.
   */
  const madeWay = new Map<string, Map<string, { place: number; mark: Mark }>>();
  /** By result key: each upload and deployment that it belonged to, and the write. */
  const writes = new Map<string, Map<string, number>>();
  /** By result key: the last observed write, its origin, and the bytes that its ETag covers. */
  const seen = new Map<string, { number: number; mark: Mark; text: string }>();
  /** Results by key and bytes, and whether these repeated, in which case a late write's condition holds. */
  const comeAgain = new Map<string, boolean>();

  /** By key, until something changes. */
  const converted = new Map<string, boolean>();
  let revision = 0;

  /** Returns the origins of the results that a deployment names. */
  const marksOf = (key: string, { expected }: Deployed): Mark[] =>
    expected(key).results.map((each) => stored.current(each.key)?.mark ?? {});

  function isConverted(key: string): boolean {
    const now = stored.revision + history.revision + deployments.all.length;
    if (now !== revision) converted.clear();
    revision = now;
    const known = converted.get(key);
    if (known !== undefined) return known;
    const { upload, place } = history.latest(key) ?? {};
    const originOf = (resultKey: string): Mark => {
      const mark = stored.current(resultKey)?.mark ?? {};
      const before = madeWay.get(key)?.get(resultKey);
      return before && before.place === place && mark.key !== key ? before.mark : mark;
    };
    // Whichever deployment settled it, later ones' results are also right. Reconciliation finds missing ones.
    const is =
      upload !== undefined &&
      deployments.all.some(({ number, expected }) =>
        expected(key).results.every((each) => {
          const mark = originOf(each.key);
          return isOf(mark, key, upload) && (mark.deployment ?? 0) >= number;
        }),
      );
    converted.set(key, is);
    return is;
  }

  /** Without versions and a stamp, results of equal contents are indistinguishable, and any of them is right. */
  function isOf(mark: Mark, key: string, upload: number): boolean {
    return mark.upload === upload || (deployments.mayLackStamp(key) && looksLike(mark, key, upload));
  }

  function isCurrent(key: string): boolean {
    const { upload } = history.latest(key) ?? {};
    if (upload === undefined) return false;
    // An outdated worker may have converted the upload under other names, and kept those of an upload with equal
    // contents.
    const looksSo = deployments.movesResults(key) ? looksLike : isOf;
    return marksOf(key, deployments.current).every((mark) => looksSo(mark, key, upload));
  }

  /** Without versions, an upload with equal contents counts as the same. */
  function looksLike(mark: Mark, key: string, upload: number): boolean {
    if (mark.upload === upload) return true;
    const isAnonymous = mark.key === key && sources.current(key)?.versionId === 'null';
    return isAnonymous && history.contentOf(mark.upload) === history.contentOf(upload);
  }

  function looksConverted(key: string): boolean {
    if (isConverted(key)) return true;
    const { upload } = history.latest(key) ?? {};
    return (
      upload !== undefined &&
      deployments.all.some((deployed) => marksOf(key, deployed).every((mark) => looksLike(mark, key, upload)))
    );
  }

  /** Each result is under the key that its deployment's rules name, and is what they make of it. */
  function breaksRules(resultKey: string, { mark }: StoredObject): string | undefined {
    const { key = '', deployment = 0, conversion, variant, rendition } = mark;
    const deployed = deployments.all[deployment - 1];
    const expected = deployed?.expected(key);
    const isNamed = expected?.results.some((each) => each.key === resultKey && each.rendition === rendition);
    if (isNamed !== true || expected?.conversion !== conversion || expected?.variant !== variant)
      return `${resultKey} is the ${rendition} of ${conversion} ${variant} for ${key}, and its rule makes no such result`;
    const { current } = deployments;
    if (deployment < current.number && !current.expected(key).results.some((each) => each.key === resultKey))
      world.met('a result that only a former configuration names');
    return undefined;
  }

  /**
   * Once the latest result exists, no other one replaces it. After a version was restored, a worker may still store the
   * previous one's result: S3 sends no notification, and reconciliation finds it.
   */
  function regressed(key: string): string | undefined {
    const latest = history.latest(key);
    if (latest?.upload === undefined || !latest.told) return undefined;
    if (isConverted(key)) {
      upToDate.set(key, latest.place);
      removed.settled(key);
    } else if (removed.isOwed(key)) upToDate.delete(key);
    else if (upToDate.get(key) === latest.place) return `the result of ${key} has gone back`;
    return undefined;
  }

  /**
   * Every upload is converted, or a message that names its key will be received, or this same upload has a dead letter.
   * An earlier upload's dead letter does not count.
   */
  function lost(key: string): string | undefined {
    const latest = history.latest(key);
    if (latest?.upload === undefined || !latest.told || isConverted(key)) return undefined;
    for (const queue of [world.conversion, world.retry])
      for (const { body } of queue.all())
        if (messageContents.of(body).some((each) => each.key === key)) return undefined;
    if (secondLooks.isOwed(key) || removed.isOwed(key)) return undefined;
    for (const letter of [...world.dead.all(), ...world.setAside.values()])
      if (messageContents.of(letter.body).some((each) => each.key === key && history.isLatest(each, letter)))
        return undefined;
    return `the upload of ${key} is lost: no result, and no message speaks of it`;
  }

  /** Messages in all queues that are not notifications. */
  function junkThere(): number {
    const queues = [world.conversion, world.retry, world.dead];
    const there = [...queues.flatMap((queue) => [...queue.all()]), ...world.setAside.values()];
    return there.filter(({ body }) => messageContents.of(body).length === 0).length;
  }

  /** Checks what a write replaced. */
  function replaced(resultKey: string): string | undefined {
    const result = stored.current(resultKey);
    const before = seen.get(resultKey);
    if (result === undefined) {
      // Without a stamp, the result of an upload with equal contents can be taken for the deleted one's.
      const key = before?.mark.key;
      if (key !== undefined && deployments.mayLackStamp(key)) upToDate.delete(key);
      // A slow writer that read no result before the first one existed may still store its own.
      if (seen.delete(resultKey)) writes.delete(resultKey);
      return undefined;
    }
    if (before?.number === result.number) return undefined;
    const { mark, number } = result;
    const text = textOf(result.bytes);
    seen.set(resultKey, { number, mark, text });
    const broken = breaksRules(resultKey, result);
    if (broken !== undefined) return broken;
    const { key = '' } = mark;
    const keys = [...new Set([key, before?.mark.key ?? key])];
    const again = comeAgain.get(`${resultKey} ${before?.text}`) === true;
    comeAgain.set(`${resultKey} ${text}`, comeAgain.has(`${resultKey} ${text}`));
    for (const each of keys) {
      const { upload, place = 0 } = history.latest(each) ?? {};
      if (each !== key && before && upload !== undefined && isOf(before.mark, each, upload)) {
        const ofKey = madeWay.get(each) ?? new Map<string, { place: number; mark: Mark }>();
        madeWay.set(each, ofKey.set(resultKey, { place, mark: before.mark }));
        converted.delete(each);
        world.met('a name that was of another upload in a former configuration');
      }
      if (!deployments.mayLackStamp(each)) continue;
      // Another upload's result of equal contents was right for the upload, and a writer that read it may replace it.
      if (before?.mark.upload !== upload) upToDate.delete(each);
    }
    if (keys.some(deployments.mayLackStamp) && (before?.text === text || again)) {
      const isLatest = before?.mark.upload === history.latest(before?.mark.key ?? '')?.upload;
      if (before?.text !== text && isLatest && mark.upload !== before?.mark.upload)
        world.met('a late write that replaced the latest result, which had no stamp');
      for (const each of keys) upToDate.delete(each);
      writes.delete(resultKey);
      return undefined;
    }
    if ((before?.mark.deployment ?? 0) > (mark.deployment ?? 0))
      return `${resultKey} was made under a newer recipe, and replaced by a result of an older one`;
    return writtenTwice(key, resultKey, result, again);
  }

  /** Each upload with a version has at most one result per rendition and recipe, until versions are deleted. */
  function writtenTwice(
    key: string,
    resultKey: string,
    { number, mark }: StoredObject,
    again: boolean,
  ): string | undefined {
    const source = sources.versions(key).find((version) => version.mark.upload === mark.upload);
    if (source === undefined) {
      // Its version was deleted. If the one before has a result again, with its former ETag, a late write replaces it
      // once more, and is replaced in turn.
      if (again) writes.delete(resultKey);
      return undefined;
    }
    if (source.versionId === 'null') return undefined;
    const upload = `${mark.upload} by ${mark.deployment} after ${history.comebacks(key)}`;
    const ofKey = writes.get(resultKey) ?? new Map<string, number>();
    if ((ofKey.get(upload) ?? number) !== number) return `${resultKey} was written twice for one upload`;
    writes.set(resultKey, ofKey.set(upload, number));
    return undefined;
  }

  /** S3's model returns what was stored. */
  function misread(key: string): string | undefined {
    const served = world.current(uploads, key);
    const bytes = served === undefined ? undefined : world.contentOf(served);
    if (bytes !== sources.current(key)?.bytes)
      return `S3 serves another version of ${key} than was stored last`;
    for (const { key: resultKey } of deployments.current.expected(key).results) {
      const result = world.current(results, resultKey);
      const ofResult = result === undefined ? undefined : world.contentOf(result);
      if (ofResult !== stored.current(resultKey)?.bytes)
        return `S3 serves another ${resultKey} than was stored`;
    }
    return undefined;
  }

  return {
    isConverted,
    looksConverted,
    isCurrent,
    isUpToDate: (key) =>
      isCurrent(key) &&
      marksOf(key, deployments.current).every((mark) => mark.deployment === deployments.current.number),
    forget(key) {
      upToDate.delete(key);
      madeWay.delete(key);
      converted.delete(key);
      const keys = deployments.current
        .expected(key)
        .results.map((each) => each.key)
        .filter((each) => stored.current(each)?.mark.key === key);
      for (const each of keys) {
        writes.delete(each);
        seen.delete(each);
      }
      return keys;
    },
    check() {
      if (world.junkSent > 0 && junkThere() < world.junkSent)
        return 'a message that is no notification is lost: it is in no queue';
      for (const resultKey of stored.keys()) {
        const wrong = replaced(resultKey);
        if (wrong !== undefined) return wrong;
      }
      for (const key of history.keys()) {
        const violation = misread(key) ?? regressed(key) ?? lost(key);
        if (violation !== undefined) return violation;
      }
      return undefined;
    },
  };
}

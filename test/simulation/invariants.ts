import { textOf, type Mark } from './marks.ts';
import type { StoredObject } from './object-history.ts';
import type { SecondLooks } from './second-looks.ts';
import type { World } from './world.ts';

/** What must hold after every step, whatever has gone wrong so far. */
export interface Invariants {
  /** @returns what is violated, if anything is */
  check(): string | undefined;
  /** Whether every result of the key derives from its current source, under whichever recipe. */
  isConverted(key: string): boolean;
  /**
   * Whether every result of the key derives from its current source, as far as anybody can tell: without versions, an
   * earlier upload of equal content passes for it.
   */
  looksConverted(key: string): boolean;
  /** Whether every result of the key derives from its current source under that deployment's recipe. */
  isConvertedBy(key: string, deployment: number): boolean;
  /** From here on, what was seen of the results of the key does not count: they are deleted. Answers their keys. */
  forget(key: string): string[];
}

/** Nothing here asks the models of S3 and SQS what is right: by its very bytes each object says whose it is. */
export function createInvariants(
  world: World,
  keysOf: (key: string) => string[],
  secondLooks: SecondLooks | undefined,
): Invariants {
  const { uploads, results, sources, stored, history, spoken } = world;
  const resultKeys = new Map<string, string[]>();
  const resultKeysOf = (key: string) => {
    const known = resultKeys.get(key) ?? keysOf(key);
    resultKeys.set(key, known);
    return known;
  };
  /** By key: the place of the period whose results were seen up to date. */
  const upToDate = new Map<string, number>();
  /** By the key of a result: each upload and deployment that it was of, and the write. */
  const writes = new Map<string, Map<string, number>>();
  /** By the key of a result: the write that was seen last, what it was of, and what its ETag covers. */
  const seen = new Map<string, { number: number; mark: Mark; text: string }>();
  /** Results by their keys and bytes, and whether these came again: then the condition of a late write holds. */
  const comeAgain = new Map<string, boolean>();

  /** By key, as long as nothing changes. */
  const converted = new Map<string, boolean>();
  let revision = 0;

  function marksOf(key: string): (Mark & { wanted: string })[] {
    return resultKeysOf(key).map((resultKey, _, all) => {
      const wanted = all.length === 1 ? 'web' : (resultKey.split('/')[0] ?? '');
      return { ...stored.current(resultKey)?.mark, wanted };
    });
  }

  function isConverted(key: string): boolean {
    const now = stored.revision + history.revision;
    if (now !== revision) converted.clear();
    revision = now;
    const known = converted.get(key);
    if (known !== undefined) return known;
    const upload = history.latest(key)?.upload;
    const is =
      upload !== undefined &&
      marksOf(key).every((mark) => isOf(mark, key, upload) && mark.rendition === mark.wanted);
    converted.set(key, is);
    return is;
  }

  /** Without versions and a stamp, nothing tells the results of equal contents apart, and any of them is right. */
  function isOf(mark: Mark, key: string, upload: number): boolean {
    if (mark.upload === upload) return true;
    const isAnonymous = secondLooks !== undefined && sources.current(key)?.versionId === 'null';
    return isAnonymous && history.contentOf(mark.upload) === history.contentOf(upload);
  }

  function looksConverted(key: string): boolean {
    if (isConverted(key)) return true;
    const content = history.contentOf(history.latest(key)?.upload);
    if (content === undefined || sources.current(key)?.versionId !== 'null') return false;
    return marksOf(key).every(
      ({ upload, rendition, wanted }) => history.contentOf(upload) === content && rendition === wanted,
    );
  }

  /**
   * Once the latest result is there, no other one takes its place. Where a version came back, somebody may still store
   * what was made of the one before: no notification tells of it, and reconciliation finds it.
   */
  function regressed(key: string): string | undefined {
    const latest = history.latest(key);
    if (latest?.upload === undefined || !latest.told) return undefined;
    if (isConverted(key)) upToDate.set(key, latest.place);
    else if (upToDate.get(key) === latest.place) return `the result of ${key} has gone back`;
    return undefined;
  }

  /**
   * Every upload is converted, or a message that speaks of its key will be received, or there is a dead letter of
   * this very upload. That of an earlier one says nothing about it.
   */
  function lost(key: string): string | undefined {
    const latest = history.latest(key);
    if (latest?.upload === undefined || !latest.told || isConverted(key)) return undefined;
    for (const queue of [world.conversion, world.retry])
      for (const { body } of queue.all())
        if (spoken.of(body).some((each) => each.key === key)) return undefined;
    if (secondLooks?.isOwed(key)) return undefined;
    for (const letter of [...world.dead.all(), ...world.setAside.values()])
      if (spoken.of(letter.body).some((each) => each.key === key && history.isLatest(each, letter)))
        return undefined;
    return `the upload of ${key} is lost: no result, and no message speaks of it`;
  }

  /** Messages that are no notifications, in all queues. */
  function junkThere(): number {
    const queues = [world.conversion, world.retry, world.dead];
    const there = [...queues.flatMap((queue) => [...queue.all()]), ...world.setAside.values()];
    return there.filter(({ body }) => spoken.of(body).length === 0).length;
  }

  /** What a write put in place of what. */
  function replaced(key: string, resultKey: string): string | undefined {
    const result = stored.current(resultKey);
    if (result === undefined) {
      // Without a stamp, the result of an upload of equal content can be taken for that of the deleted one.
      if (secondLooks !== undefined && seen.has(resultKey)) upToDate.delete(key);
      // A slow writer that saw no result before the first one was there may still store what it made.
      if (seen.delete(resultKey)) writes.delete(resultKey);
      return undefined;
    }
    const before = seen.get(resultKey);
    if (before?.number === result.number) return undefined;
    const { mark, number } = result;
    const text = textOf(result.bytes);
    seen.set(resultKey, { number, mark, text });
    if (secondLooks !== undefined) {
      // Somebody else's result of equal content was right for the upload, and whoever saw it before may replace it.
      if (before?.mark.upload !== history.latest(key)?.upload) upToDate.delete(key);
      const again = comeAgain.get(`${resultKey} ${before?.text}`) === true;
      comeAgain.set(`${resultKey} ${text}`, comeAgain.has(`${resultKey} ${text}`));
      if (before?.text === text || again) {
        if (
          before?.text !== text &&
          before?.mark.upload === history.latest(key)?.upload &&
          mark.upload !== before?.mark.upload
        )
          world.met('a late write that replaced the latest result, which had no stamp');
        upToDate.delete(key);
        writes.delete(resultKey);
        return undefined;
      }
    }
    if ((before?.mark.deployment ?? 0) > (mark.deployment ?? 0))
      return `${resultKey} was made under a younger recipe, and replaced by a result of an older one`;
    return writtenTwice(key, resultKey, result);
  }

  /** Each upload that has a version has at most one result for each rendition and recipe, until versions go. */
  function writtenTwice(key: string, resultKey: string, { number, mark }: StoredObject): string | undefined {
    const source = sources.versions(key).find((version) => version.mark.upload === mark.upload);
    if (source === undefined || source.versionId === 'null') return undefined;
    const upload = `${mark.upload} by ${mark.deployment} after ${history.comebacks(key)}`;
    const ofKey = writes.get(resultKey) ?? new Map<string, number>();
    if ((ofKey.get(upload) ?? number) !== number) return `${resultKey} was written twice for one upload`;
    writes.set(resultKey, ofKey.set(upload, number));
    return undefined;
  }

  /** S3's model serves what was stored. */
  function misread(key: string): string | undefined {
    const served = world.current(uploads, key);
    const bytes = served === undefined ? undefined : world.contentOf(served);
    if (bytes !== sources.current(key)?.bytes)
      return `S3 serves another version of ${key} than was stored last`;
    for (const resultKey of resultKeysOf(key)) {
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
    isConvertedBy: (key, deployment) =>
      isConverted(key) && marksOf(key).every((mark) => mark.deployment === deployment),
    forget(key) {
      upToDate.delete(key);
      const keys = resultKeysOf(key);
      for (const each of keys) {
        writes.delete(each);
        seen.delete(each);
      }
      return keys;
    },
    check() {
      if (world.junkSent > 0 && junkThere() < world.junkSent)
        return 'a message that is no notification is lost: it is in no queue';
      for (const key of history.keys()) {
        for (const resultKey of resultKeysOf(key)) {
          const wrong = replaced(key, resultKey);
          if (wrong !== undefined) return wrong;
        }
        const violation = misread(key) ?? regressed(key) ?? lost(key);
        if (violation !== undefined) return violation;
      }
      return undefined;
    },
  };
}

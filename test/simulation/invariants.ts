import { readResultMetadata } from '../../src/core/result-metadata.ts';
import type { Version } from '../../src/local/s3/version.ts';
import type { Message } from '../../src/local/sqs/message.ts';
import { keysIn, objectsIn } from './messages.ts';
import type { World } from './world.ts';

/** What must hold after every step, whatever has gone wrong so far. */
export interface Invariants {
  /** @returns what is violated, if anything is */
  check(): string | undefined;
  /** Whether every result of the key derives from its current source. */
  isConverted(key: string): boolean;
  /** From here on, what was seen of the results of the key does not count: they are deleted. Answers their keys. */
  forget(key: string): string[];
}

interface Seen {
  /** The source that the results derived from when they were last seen up to date. */
  latest: number;
}

export function createInvariants(world: World, resultKeysOf: (key: string) => string[]): Invariants {
  const { uploads, results } = world;
  const upToDate = new Map<string, Seen>();
  /** By the key of a result: each upload and recipe that it was of, and the write. */
  const writes = new Map<string, Map<string, number>>();
  const keysOfMessage = new Map<string, string[]>();

  /** Of this very upload, not of another one with the same content. */
  function derives(result: Version | undefined, source: Version): boolean {
    const made = result === undefined ? undefined : world.madeFrom.get(world.contentOf(result));
    const rendition = readResultMetadata(result?.metadata)?.rendition;
    return made !== undefined && made.source === world.contentOf(source) && made.rendition === rendition;
  }

  function isConverted(key: string): boolean {
    const source = world.current(uploads, key);
    return (
      source !== undefined && resultKeysOf(key).every((each) => derives(world.current(results, each), source))
    );
  }

  /** Once the latest result is there, no older one takes its place. */
  function regressed(key: string): string | undefined {
    const source = world.current(uploads, key);
    if (source === undefined) return undefined;
    if (isConverted(key)) upToDate.set(key, { latest: source.sequence });
    else if (upToDate.get(key)?.latest === source.sequence) return `the result of ${key} has gone back`;
    return undefined;
  }

  /**
   * Every upload is converted, or a message that speaks of its key will be received, or there is a dead letter of
   * this very upload. That of an earlier one says nothing about it.
   */
  function lost(key: string): string | undefined {
    if (world.current(uploads, key) === undefined || isConverted(key)) return undefined;
    for (const queue of [world.conversion, world.retry])
      for (const message of queue.all()) if (keysOf(message).includes(key)) return undefined;
    for (const letter of world.dead.all())
      if (
        objectsIn(letter.body).some((object) => object.key === key && world.history.isLatest(object, letter))
      )
        return undefined;
    return `the upload of ${key} is lost: no result, and no message speaks of it`;
  }

  function keysOf({ id, body }: Message): string[] {
    const known = keysOfMessage.get(id);
    if (known !== undefined) return known;
    const keys = keysIn(body);
    keysOfMessage.set(id, keys);
    return keys;
  }

  /** Messages that are no notifications, in all queues. */
  function junkThere(): number {
    const queues = [world.conversion, world.retry, world.dead];
    return queues.flatMap((queue) => [...queue.all()]).filter((message) => keysOf(message).length === 0)
      .length;
  }

  /** Each upload has at most one result for each rendition and recipe. */
  function writtenTwice(key: string): string | undefined {
    const version = world.current(results, key);
    const metadata = readResultMetadata(version?.metadata);
    if (version === undefined || metadata?.sourceVersionId === undefined) return undefined;
    const upload = `${metadata.sourceVersionId} by ${metadata.recipe}`;
    const ofKey = writes.get(key) ?? new Map<string, number>();
    if ((ofKey.get(upload) ?? version.sequence) !== version.sequence)
      return `${key} was written twice for one upload`;
    writes.set(key, ofKey.set(upload, version.sequence));
    return undefined;
  }

  return {
    isConverted,
    forget(key) {
      upToDate.delete(key);
      const keys = resultKeysOf(key);
      for (const each of keys) writes.delete(each);
      return keys;
    },
    check() {
      if (world.junkSent > 0 && junkThere() < world.junkSent)
        return 'a message that is no notification is lost: it is in no queue';
      for (const key of uploads.versions.keys()) {
        const violation = regressed(key) ?? lost(key);
        if (violation !== undefined) return violation;
        for (const resultKey of resultKeysOf(key)) {
          const twice = writtenTwice(resultKey);
          if (twice !== undefined) return twice;
        }
      }
      return undefined;
    },
  };
}

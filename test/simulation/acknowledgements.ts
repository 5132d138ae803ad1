import type { SQSRecord } from 'aws-lambda';
import type { Invariants } from './invariants.ts';
import type { NamedUpload } from './message-contents.ts';
import type { Removed } from './orphans/removed.ts';
import type { SecondLooks } from './second-looks.ts';
import type { WorkerProcess } from './worker-process.ts';
import type { World } from './world.ts';

/** Checks that nothing is acknowledged before its outcome is stored, or with two outcomes. */
export interface Acknowledgements {
  /** Call after every step. */
  look(): void;
  /** The process starts an invocation. */
  begun(process: WorkerProcess): void;
  /** Returns the violation in the acknowledgement of a record that is now deleted, if any. */
  check(process: WorkerProcess, record: SQSRecord, batch: readonly SQSRecord[]): string | undefined;
  /** The results of a key are deleted externally, and requested again. */
  forget(key: string): void;
}

export function createAcknowledgements(
  world: World,
  invariants: Invariants,
  removed: Removed,
  secondLooks: SecondLooks,
): Acknowledgements {
  const { history, messageContents, dead } = world;
  let step = 0;
  /** By key: when its results were last right, or no longer needed. */
  const settledAt = new Map<string, number>();
  /** By key: when its current object was first seen. */
  const latestSince = new Map<string, { place: number; step: number }>();
  const begunAt = new WeakMap<WorkerProcess, number>();
  const lettersSeen = new Set<string>();
  /** Uploads that have or had a dead letter. */
  const told = new Set<number>();

  function hasOutcome(process: WorkerProcess, { key, upload }: NamedUpload): boolean {
    const since = latestSince.get(key);
    const latest = history.latest(key);
    // S3 sends no notification of a restored version: a worker at the key may have read the one before.
    if (since === undefined || latest === undefined || !latest.told) return true;
    const begun = begunAt.get(process) ?? 0;
    // Later uploads have their own messages.
    if (upload === undefined ? since.step > begun : latest.upload !== upload) return true;
    const sent = process.sent.some((message) => message.uploads.some((each) => each.key === key));
    if (sent || (upload !== undefined && told.has(upload))) return true;
    // A removal can mistake a result without a stamp for an orphan with equal content. It then queues the upload
    // (docs/adr/0025).
    if (removed.hasTaken(key)) return true;
    // A late writer of an earlier upload with equal content may have replaced a result, so that they never were all of
    // this upload at once.
    if (secondLooks.isOwedByOthers(process, key)) return true;
    return (settledAt.get(key) ?? -1) >= (upload === undefined ? begun : since.step);
  }

  /** Returns the number of queues that work on an upload sent messages to. */
  function outcomes(process: WorkerProcess, { key }: NamedUpload): number {
    const sent = process.sent.filter((message) => message.uploads.some((each) => each.key === key));
    return new Set(sent.map(({ queue }) => queue)).size;
  }

  return {
    look() {
      step += 1;
      for (const key of history.keys()) {
        const latest = history.latest(key);
        if (latest === undefined) continue;
        if (latestSince.get(key)?.place !== latest.place) latestSince.set(key, { place: latest.place, step });
        if (latest.upload === undefined || invariants.isConverted(key)) settledAt.set(key, step);
      }
      for (const { id, body } of dead.all()) {
        if (lettersSeen.has(id)) continue;
        lettersSeen.add(id);
        for (const { upload } of messageContents.of(body)) if (upload !== undefined) told.add(upload);
      }
    },

    begun: (process) => void begunAt.set(process, step),

    check(process, { body }, batch) {
      const keysOfBatch = batch.flatMap((record) => messageContents.of(record.body).map(({ key }) => key));
      for (const each of messageContents.of(body)) {
        if (!hasOutcome(process, each)) return `a message of ${each.key} was acknowledged without an outcome`;
        const alone = keysOfBatch.filter((key) => key === each.key).length === 1;
        if (alone && !process.disturbed && outcomes(process, each) > 1)
          return `a message of ${each.key} was acknowledged with two outcomes`;
      }
      return undefined;
    },

    forget: (key) => void settledAt.set(key, step),
  };
}

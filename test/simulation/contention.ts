import type { SQSRecord } from 'aws-lambda';
import type { Owner } from './steps.ts';
import type { WorkerProcess } from './worker-process.ts';
import type { World } from './world.ts';

/** How many rounds an attempt has. It fails if it loses all of them. */
const ROUNDS = 3;

/**
 * Counts what can make an attempt lose without any fault: changes of its key, and other invocations that stored results
 * of it and finished their message. Writers that keep replacing each other's results finish no
 * message, so they excuse nothing.
 */
export interface Contention {
  begun(process: WorkerProcess, records: readonly SQSRecord[]): void;
  /** Returns the failed messages that could have lost every round of this attempt. */
  ended(process: WorkerProcess, failed: ReadonlySet<string>): Set<string>;
  killed(process: Owner): void;
}

interface Attempt {
  messageId: string;
  key: string;
  /** The position of the key's period when the attempt began. */
  place: number;
  /** The number of writes before it. */
  revision: number;
  /** How many other invocations have stored results of the key since, and finished. */
  finished: number;
}

export function createContention({ history, messageContents, stored }: World): Contention {
  const running = new Map<Owner, Attempt[]>();
  const placeOf = (key: string) => history.latest(key)?.place ?? 0;

  return {
    begun(process, records) {
      const { revision } = stored;
      const attempts = records.flatMap(({ messageId, body }) =>
        messageContents
          .of(body)
          .map(({ key }) => ({ messageId, key, place: placeOf(key), revision, finished: 0 })),
      );
      running.set(process, attempts);
    },

    ended(process, failed) {
      const attempts = running.get(process) ?? [];
      running.delete(process);
      const isSent = (key: string) =>
        process.sent.some(({ uploads }) => uploads.some((each) => each.key === key));
      const done = attempts.filter(({ messageId, key }) => !failed.has(messageId) && !isSent(key));
      for (const key of new Set(done.map((each) => each.key)))
        for (const other of [...running.values()].flat())
          if (other.key === key && (process.stored.get(key) ?? 0) > other.revision) other.finished += 1;
      const lost = attempts.filter(
        ({ messageId, key, place, finished }) =>
          failed.has(messageId) && placeOf(key) - place + finished >= ROUNDS,
      );
      return new Set(lost.map(({ messageId }) => messageId));
    },

    killed: (process) => void running.delete(process),
  };
}

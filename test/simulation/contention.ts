import type { SQSRecord } from 'aws-lambda';
import type { Owner } from './steps.ts';
import type { WorkerProcess } from './worker-process.ts';
import type { World } from './world.ts';

/** How often a worker starts over in one attempt because other writers were faster. */
const ROUNDS = 3;

/**
 * Records which attempts other writers used up. For each round that a worker loses, its key changed, or another
 * invocation converted the key and finished its message. Writers that only hinder each other finish none.
 */
export interface Contention {
  begun(process: WorkerProcess, records: readonly SQSRecord[]): void;
  /** Returns the messages, of those that the invocation reports as failed, whose attempt others used up. */
  ended(process: WorkerProcess, failed: ReadonlySet<string>): string[];
  killed(process: Owner): void;
}

interface Attempt {
  messageId: string;
  key: string;
  /** The position of the key's period when the attempt began. */
  place: number;
  /** Other messages of the key that were converted and finished since. */
  finished: number;
}

export function createContention({ history, messageContents }: World): Contention {
  const running = new Map<Owner, Attempt[]>();
  const placeOf = (key: string) => history.latest(key)?.place ?? 0;
  const isUsedUp = ({ key, place, finished }: Attempt) => placeOf(key) - place + finished >= ROUNDS;

  return {
    begun(process, records) {
      const attempts = records.flatMap(({ messageId, body }) =>
        messageContents.of(body).map(({ key }) => ({ messageId, key, place: placeOf(key), finished: 0 })),
      );
      running.set(process, attempts);
    },

    ended(process, failed) {
      const attempts = running.get(process) ?? [];
      running.delete(process);
      for (const { messageId, key } of attempts) {
        const isSent = process.sent.some(({ uploads }) => uploads.some((each) => each.key === key));
        if (failed.has(messageId) || isSent || !process.stored.has(key)) continue;
        for (const other of [...running.values()].flat()) if (other.key === key) other.finished += 1;
      }
      const usedUp = attempts.filter((each) => failed.has(each.messageId) && isUsedUp(each));
      return [...new Set(usedUp.map(({ messageId }) => messageId))];
    },

    killed: (process) => void running.delete(process),
  };
}

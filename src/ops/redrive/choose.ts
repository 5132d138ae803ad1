import { defined } from '../../core/defined.ts';
import type { OpsContext } from '../context.ts';
import { deleteArchived, listArchive } from '../dead-letters/archive.ts';
import { attributesOfCopy, type DeadLetterCopy } from '../dead-letters/copy.ts';
import type { Received } from '../dead-letters/dead-letter.ts';
import { matches, type Filter } from '../dead-letters/filter.ts';
import { takeDeadLetters } from '../dead-letters/take.ts';
import type { Pace } from '../pace.ts';
import { REDRIVE_ATTRIBUTE, sendToRetry, type RetryMessage } from './send.ts';

export interface Move {
  redrive: string;
  /** The largest number of messages to move. */
  limit?: number;
  pace?: Pace;
  stop: AbortSignal;
  onMoved(letter: Pick<Received, 'id' | 'objects'>, newId: string): void;
  /** Called with the id of each message that SQS refused. The message stays in its queue. */
  onRefused(id: string): void;
  /** Called with the number of messages that other readers kept hidden. */
  onUnseen?(count: number): void;
}

/** The source of a redrive's messages. */
export interface Source {
  /**
   * Moves messages to the retry queue until none are left or the limit is reached. Can be called again for the rest.
   */
  move(move: Move): Promise<void>;
}

const POLLERS = 8;

/** Moves messages from the dead-letter queue. */
export function fromQueue(ops: OpsContext, filter: Filter): Source {
  return {
    async move(move) {
      const { redrive, limit, pace, stop, onUnseen } = move;
      const { unseen } = await takeDeadLetters(ops, {
        filter,
        pollers: pace === undefined ? POLLERS : 1,
        stop,
        ...defined({ limit, pace }),
        // Messages that failed again in this redrive are for another redrive.
        except: ({ attributes }) => attributes[REDRIVE_ATTRIBUTE]?.StringValue === redrive,
        handle: (letters) => resend(ops, letters, move),
      });
      if (unseen > 0) onUnseen?.(unseen);
    },
  };
}

/**
 * Sends the dead letters in an export, which may have been edited. Those still in the queue are removed from it; those
 * purged or expired are sent from the file.
 */
export function fromCopies(ops: OpsContext, copies: readonly DeadLetterCopy[]): Source {
  const left = new Map(copies.map((copy) => [copy.id, copy]));

  /** Does not retry what SQS refuses: a message that SQS never accepts must not hold up the others. */
  async function send(some: readonly DeadLetterCopy[], move: Move): Promise<Set<string>> {
    const sent = await sendCopies(ops, some, move);
    for (const { id } of some) left.delete(id);
    return sent;
  }

  return {
    async move(move) {
      const { limit = Number.POSITIVE_INFINITY, pace, stop } = move;
      let moved = 0;
      await takeDeadLetters(ops, {
        filter: { ids: new Set(left.keys()) },
        pollers: pace === undefined ? POLLERS : 1,
        stop,
        ...defined({ limit: move.limit, pace }),
        async handle(letters) {
          const some = letters.flatMap(({ id }) => left.get(id) ?? []);
          const sent = await send(some, move);
          moved += sent.size;
          return sent;
        },
      });
      while (left.size > 0 && moved < limit && !stop.aborted) {
        const some = [...left.values()].slice(0, Math.min(pace?.portion ?? 10, limit - moved));
        await pace?.before(some.length);
        moved += (await send(some, move)).size;
      }
    },
  };
}

/** Sends dead letters that the expiry guard archived. Each is deleted from the archive after it was sent. */
export function fromArchive(ops: OpsContext, filter: Filter): Source {
  return {
    async move(move) {
      let left = move.limit ?? Number.POSITIVE_INFINITY;
      for await (const copy of listArchive(ops)) {
        if (left <= 0 || move.stop.aborted) return;
        if (!matches({ ...copy, sentAt: new Date(copy.sentAt) }, filter)) continue;
        await move.pace?.before(1);
        for (const id of await sendCopies(ops, [copy], move)) {
          left -= 1;
          await deleteArchived(ops, id);
        }
      }
    },
  };
}

function sendCopies(ops: OpsContext, copies: readonly DeadLetterCopy[], move: Move): Promise<Set<string>> {
  const messages = copies.map((copy) => ({
    id: copy.id,
    objects: copy.objects,
    body: copy.body,
    attributes: attributesOfCopy(copy),
  }));
  return resend(ops, messages, move);
}

/** Sends messages to the retry queue. @returns the ids of those that SQS accepted */
async function resend(
  ops: OpsContext,
  messages: readonly (RetryMessage & Pick<Received, 'objects'>)[],
  { redrive, onMoved, onRefused }: Move,
): Promise<Set<string>> {
  const newIds = await sendToRetry(ops, messages, redrive);
  for (const message of messages) {
    const newId = newIds.get(message.id);
    if (newId === undefined) onRefused(message.id);
    else onMoved(message, newId);
  }
  return new Set(newIds.keys());
}

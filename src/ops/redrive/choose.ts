import { defined } from '../../core/defined.ts';
import type { OpsContext } from '../context.ts';
import { deleteArchived, listArchive } from '../dead-letters/archive.ts';
import { attributesOfCopy, type DeadLetterCopy } from '../dead-letters/copy.ts';
import type { Received } from '../dead-letters/dead-letter.ts';
import { matches, type Filter } from '../dead-letters/filter.ts';
import { takeDeadLetters } from '../dead-letters/take.ts';
import type { Pace } from '../pace.ts';
import { REDRIVE_ATTRIBUTE, sendToRetry, type Resent } from './send.ts';

export interface Move {
  redrive: string;
  /** The largest number of messages to move. */
  limit?: number;
  pace?: Pace;
  stop: AbortSignal;
  onMoved(letter: Pick<Received, 'id' | 'objects'>, newId: string): void;
  /** Called with the id of each message that SQS refused. It stays where it is. */
  onRefused(id: string): void;
  /** Called with how many messages others were reading all the time, which hid them. */
  onUnseen?(count: number): void;
}

/** Where the messages of a redrive come from. */
export interface Source {
  /** Moves messages to the retry queue until there are no others. May be called again for the rest. */
  move(move: Move): Promise<void>;
}

const POLLERS = 8;

/** Dead letters of the queue. */
export function fromQueue(ops: OpsContext, filter: Filter): Source {
  return {
    async move(move) {
      const { redrive, limit, pace, stop, onUnseen } = move;
      const { unseen } = await takeDeadLetters(ops, {
        filter,
        pollers: pace === undefined ? POLLERS : 1,
        stop,
        ...defined({ limit, pace }),
        // What has failed again already is for another redrive.
        except: ({ attributes }) => attributes[REDRIVE_ATTRIBUTE]?.StringValue === redrive,
        handle: (letters) => resend(ops, letters, move),
      });
      if (unseen > 0) onUnseen?.(unseen);
    },
  };
}

/**
 * The dead letters of an export, as somebody may have edited them: those of them that are in the queue leave it, and
 * those that are not (purged with their copy, expired) are sent from the file all the same.
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

/** Dead letters that the expiry guard has taken out of the queue; each leaves the archive once it was sent. */
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
  messages: readonly (Resent & Pick<Received, 'objects'>)[],
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

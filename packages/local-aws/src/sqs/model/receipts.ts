import { AwsError } from '../../aws-error.ts';
import type { Message } from '../message.ts';
import type { QueueState } from '../queue.ts';
import { removeMessage } from './stored.ts';
import type { SqsState } from './state.ts';

/** Deletes a message by the handle of its last receive. */
export function deleteMessage(state: SqsState, queue: QueueState, receipt: string): void {
  const message = messageOf(queue, receipt);
  if (message === undefined || message.receipt !== receipt) return;
  queue.delete(message.id);
  removeMessage(state, queue, message.id);
}

export function inFlight({ clock }: SqsState, queue: QueueState, receipt: string): boolean {
  const message = messageOf(queue, receipt);
  return message?.receipt === receipt && message.visibleAt > clock.now();
}

export function changeVisibility(
  state: SqsState,
  queue: QueueState,
  receipt: string,
  seconds: number,
  from: number,
): void {
  const message = messageOf(queue, receipt);
  if (message === undefined || !inFlight(state, queue, receipt))
    throw new AwsError('MessageNotInflight', 400, 'The specified message is not in flight.');
  message.visibleAt = from + seconds * 1000;
  queue.reschedule(message);
}

/** Returns a receipt handle's message, if the handle belongs to this queue. */
function messageOf(queue: QueueState, receipt: string): Message | undefined {
  const [name, id] = Buffer.from(receipt, 'base64').toString().split(' ');
  if (name !== queue.name || id === undefined) {
    throw new AwsError(
      'ReceiptHandleIsInvalid',
      400,
      `The input receipt handle "${receipt}" is not a valid receipt handle.`,
    );
  }
  return queue.get(id);
}

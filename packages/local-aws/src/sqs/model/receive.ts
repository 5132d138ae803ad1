import type { Message } from '../message.ts';
import type { QueueState } from '../queue.ts';
import { removeMessage, storeMessage } from './stored.ts';
import { queueByArn } from './redrive-policy.ts';
import { move } from './send.ts';
import { newUuid, type SqsState } from './state.ts';

export interface Received extends Message {
  receipt: string;
}

/**
 * Receives visible messages. Removes expired messages, and moves those received too often to the dead-letter queue.
 */
export function receive(
  state: SqsState,
  queue: QueueState,
  max: number,
  visibilitySeconds: number,
): Received[] {
  const received: Received[] = [];
  const now = state.clock.now();
  for (let visible = queue.visible(); visible > 0 && received.length < max; visible = queue.visible()) {
    const message = queue.at(state.chooseOnReceive(visible));
    if (message === undefined) break;
    if (isGone(state, queue, message)) continue;
    message.receiveCount += 1;
    message.firstReceivedAt ??= now;
    message.receipt = newReceipt(state, queue, message);
    message.visibleAt = state.duplicateOnReceive() ? now : now + visibilitySeconds * 1000;
    queue.hide(message.id);
    storeMessage(state, queue, message);
    received.push({ ...message, receipt: message.receipt });
  }
  // Hides messages only now, so that one request receives no message twice.
  for (const { id } of received) {
    const message = queue.get(id);
    if (message !== undefined) queue.reschedule(message);
  }
  return received;
}

/** Removes a message from the queue if it expired or became a dead letter. */
function isGone(state: SqsState, queue: QueueState, message: Message): boolean {
  const { redrive } = queue.settings;
  const deadLetters = redrive === undefined ? undefined : queueByArn(state, redrive.deadLetterTargetArn);
  if (queue.isExpired(message)) {
    queue.delete(message.id);
    removeMessage(state, queue, message.id);
    return true;
  }
  if (redrive === undefined || deadLetters === undefined) return false;
  if (message.receiveCount < redrive.maxReceiveCount) return false;
  // The message keeps its enqueue time and receive count, because SQS only moves it.
  move(state, queue, message, deadLetters, { deadLetterSource: queue.arn });
  return true;
}

/** Returns a unique receipt handle, which names its queue and message. */
function newReceipt(state: SqsState, queue: QueueState, message: Message): string {
  return Buffer.from(`${queue.name} ${message.id} ${newUuid(state)}`).toString('base64');
}

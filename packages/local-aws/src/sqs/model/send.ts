import { defined } from '../../defined.ts';
import { AwsError } from '../../aws-error.ts';
import { sizeOf, type Message, type MessageAttribute } from '../message.ts';
import type { QueueState } from '../queue.ts';
import { removeMessage, storeMessage } from './stored.ts';
import { newUuid, type SqsState } from './state.ts';

export interface NewMessage {
  body: string;
  attributes?: Record<string, MessageAttribute>;
  /** By default, the queue's delay. */
  delaySeconds?: number;
  traceHeader?: string;
  groupId?: string;
}

export function send(state: SqsState, queue: QueueState, message: NewMessage): Message {
  const { body, attributes = {}, delaySeconds, traceHeader, groupId } = message;
  const limit = queue.settings.maximumMessageSize;
  if (sizeOf(body, attributes) > limit) {
    throw new AwsError(
      'InvalidParameterValue',
      400,
      `One or more parameters are invalid. Reason: Message must be shorter than ${limit} bytes.`,
    );
  }
  const now = state.clock.now();
  const sent: Message = {
    id: newUuid(state),
    body,
    attributes,
    sentAt: now,
    visibleAt: now + (delaySeconds ?? queue.settings.delaySeconds) * 1000,
    receiveCount: 0,
    ...defined({ traceHeader, groupId }),
  };
  storeMessage(state, queue, sent);
  queue.add(sent);
  return sent;
}

/** Moves a message to another queue, as the redrive policy and move tasks do. */
export function move(
  state: SqsState,
  from: QueueState,
  message: Message,
  to: QueueState,
  changes: Partial<Message>,
): void {
  from.delete(message.id);
  removeMessage(state, from, message.id);
  const { receipt: _receipt, ...rest } = message;
  const moved: Message = { ...rest, visibleAt: state.clock.now(), ...changes };
  storeMessage(state, to, moved);
  to.add(moved);
}

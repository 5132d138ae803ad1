import type { QueueSettings } from '../attributes.ts';
import type { Message } from '../message.ts';
import { createQueueState, type QueueState } from '../queue.ts';
import { arnOf, type SqsState } from './state.ts';

/** A queue's journal entry. Each message has a separate entry. */
interface StoredQueue {
  name: string;
  createdAt: number;
  modifiedAt: number;
  settings: QueueSettings;
  tags: Record<string, string>;
}

const QUEUES = 'sqs/queue/';
const MESSAGES = 'sqs/message/';
const LONGEST_DELAY_MILLISECONDS = 900_000;

const queueKey = (name: string) => `${QUEUES}${name}`;
const messageKey = (queue: QueueState, id: string) => `${MESSAGES}${queue.name}/${id}`;

export function storeMessage({ journal }: SqsState, queue: QueueState, message: Message): void {
  journal.put(messageKey(queue, message.id), message);
}

export function removeMessage({ journal }: SqsState, queue: QueueState, id: string): void {
  journal.del(messageKey(queue, id));
}

export function removeAllMessages(state: SqsState, queue: QueueState): void {
  for (const { id } of queue.all()) removeMessage(state, queue, id);
  queue.clear();
}

export function storeQueue({ journal }: SqsState, queue: QueueState): void {
  const { name, createdAt, modifiedAt, settings, tags } = queue;
  journal.put(queueKey(name), { name, createdAt, modifiedAt, settings, tags } satisfies StoredQueue);
}

export function removeQueue(state: SqsState, queue: QueueState): void {
  removeAllMessages(state, queue);
  state.queues.delete(queue.name);
  state.journal.del(queueKey(queue.name));
}

/** Adds a queue without messages. */
export function addQueue(state: SqsState, stored: StoredQueue): QueueState {
  const { name, createdAt, modifiedAt, settings, tags } = stored;
  const queue = createQueueState({
    name,
    arn: arnOf(state, name),
    createdAt,
    settings,
    clock: state.clock,
    onExpired: ({ id }) => removeMessage(state, queue, id),
  });
  queue.modifiedAt = modifiedAt;
  queue.tags = tags;
  state.queues.set(name, queue);
  return queue;
}

/** Loads the state that an earlier process stored. */
export async function restore(state: SqsState): Promise<void> {
  const { journal, queues, clock } = state;
  for await (const [, stored] of journal.entries(QUEUES)) addQueue(state, stored as StoredQueue);
  const messages: [QueueState, Message][] = [];
  for await (const [key, stored] of journal.entries(MESSAGES)) {
    const queue = queues.get(key.split('/')[2] ?? '');
    if (queue !== undefined) messages.push([queue, stored as Message]);
  }
  messages.sort(([, a], [, b]) => a.sentAt - b.sentAt);
  const now = clock.now();
  for (const [queue, message] of messages) {
    // The clock may have gone back since then.
    message.visibleAt = Math.min(message.visibleAt, now + LONGEST_DELAY_MILLISECONDS);
    // The receivers of hidden messages ended with the process that wrote this journal.
    if (message.receiveCount > 0) message.visibleAt = now;
    queue.add(message);
  }
}

import type { Clock } from '../clock.ts';
import type { Message } from './message.ts';
import { removeQueue, restore } from './model/stored.ts';
import { createQueue, purge, queueNamed, setAttributes, setTags } from './model/queues.ts';
import { changeVisibility, deleteMessage, inFlight } from './model/receipts.ts';
import { receive, type Received } from './model/receive.ts';
import { queueByArn } from './model/redrive-policy.ts';
import { move, send, type NewMessage } from './model/send.ts';
import { createState, newUuid, type SqsModelOptions } from './model/state.ts';
import { createMoveTasks, type MoveTasks } from './move-task.ts';
import type { QueueState } from './queue.ts';

/**
 * SQS's behavior as plain state and rules: no I/O, and time only from the clock. Each change of a queue or a message
 * is written through to the journal.
 */
export interface SqsModel {
  readonly clock: Clock;
  createQueue(name: string, attributes: Record<string, string>, tags: Record<string, string>): QueueState;
  deleteQueue(queue: QueueState): void;
  setAttributes(queue: QueueState, attributes: Record<string, string>): void;
  setTags(queue: QueueState, tags: Record<string, string>): void;
  queues(): QueueState[];
  /** @throws AwsError QueueDoesNotExist */
  queue(name: string): QueueState;
  queueByArn(arn: string): QueueState | undefined;
  send(queue: QueueState, message: NewMessage): Message;
  receive(queue: QueueState, max: number, visibilitySeconds?: number): Received[];
  /** An older handle than that of the last receive deletes nothing, but succeeds, as on SQS. */
  delete(queue: QueueState, receipt: string): void;
  /** Returns whether the handle is of the last receive and its message is still hidden. */
  inFlight(queue: QueueState, receipt: string): boolean;
  /** @param from when the seconds begin; by default, now */
  changeVisibility(queue: QueueState, receipt: string, seconds: number, from?: number): void;
  purge(queue: QueueState): void;
  /** Moves a message to another queue, as the redrive policy and move tasks do. */
  move(from: QueueState, message: Message, to: QueueState, changes: Partial<Message>): void;
  readonly moveTasks: MoveTasks;
  /** Loads the state that an earlier process stored. */
  restore(): Promise<void>;
}

/** Creates the model with new state. Each operation is a function in `model/`. */
export function createSqsModel(options: SqsModelOptions): SqsModel {
  const state = createState(options);
  const { clock } = state;
  const shared = {
    queues: () => [...state.queues.values()],
    queueByArn: (arn: string) => queueByArn(state, arn),
    move: (from: QueueState, message: Message, to: QueueState, changes: Partial<Message>) =>
      move(state, from, message, to, changes),
  };
  return {
    ...shared,
    clock,
    createQueue: (name, attributes, tags) => createQueue(state, name, attributes, tags),
    deleteQueue: (queue) => removeQueue(state, queue),
    setAttributes: (queue, attributes) => setAttributes(state, queue, attributes),
    setTags: (queue, tags) => setTags(state, queue, tags),
    queue: (name) => queueNamed(state, name),
    send: (queue, message) => send(state, queue, message),
    receive: (queue, max, visibilitySeconds = queue.settings.visibilitySeconds) =>
      receive(state, queue, max, visibilitySeconds),
    delete: (queue, receipt) => deleteMessage(state, queue, receipt),
    inFlight: (queue, receipt) => inFlight(state, queue, receipt),
    changeVisibility: (queue, receipt, seconds, from = clock.now()) =>
      changeVisibility(state, queue, receipt, seconds, from),
    purge: (queue) => purge(state, queue),
    moveTasks: createMoveTasks(shared, clock, () => newUuid(state)),
    restore: () => restore(state),
  };
}

import { AwsError } from '../../aws-error.ts';
import { applyAttributes, DEFAULT_SETTINGS, describeSettings } from '../attributes.ts';
import type { QueueState } from '../queue.ts';
import { addQueue, removeAllMessages, storeQueue } from './stored.ts';
import { checkRedrive } from './redrive-policy.ts';
import { arnOf, type SqsState } from './state.ts';

const PURGE_INTERVAL_MILLISECONDS = 60_000;

/** Creates a queue, or returns the existing queue if it has these attributes. */
export function createQueue(
  state: SqsState,
  name: string,
  attributes: Record<string, string>,
  tags: Record<string, string>,
): QueueState {
  const existing = state.queues.get(name);
  if (existing !== undefined) return checkSame(existing, attributes);
  checkName(name);
  const settings = applyAttributes(DEFAULT_SETTINGS, attributes);
  checkRedrive(state, settings, arnOf(state, name));
  const now = state.clock.now();
  const queue = addQueue(state, { name, createdAt: now, modifiedAt: now, settings, tags });
  storeQueue(state, queue);
  return queue;
}

function checkSame(existing: QueueState, attributes: Record<string, string>): QueueState {
  const shown = describeSettings(existing.settings);
  const asked = describeSettings(applyAttributes(existing.settings, attributes));
  if (Object.entries(asked).every(([attribute, value]) => shown[attribute] === value)) return existing;
  throw new AwsError(
    'QueueNameExists',
    400,
    `A queue named ${existing.name} already exists with other attributes.`,
  );
}

function checkName(name: string): void {
  if (name.endsWith('.fifo')) throw new AwsError('NotImplemented', 501, 'This local SQS has no FIFO queues.');
  if (/^[A-Za-z0-9_-]{1,80}$/.test(name)) return;
  throw new AwsError(
    'InvalidParameterValue',
    400,
    'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
  );
}

export function setAttributes(state: SqsState, queue: QueueState, attributes: Record<string, string>): void {
  const settings = applyAttributes(queue.settings, attributes);
  checkRedrive(state, settings, queue.arn);
  queue.settings = settings;
  queue.modifiedAt = state.clock.now();
  storeQueue(state, queue);
}

export function setTags(state: SqsState, queue: QueueState, tags: Record<string, string>): void {
  queue.tags = tags;
  storeQueue(state, queue);
}

export function queueNamed({ queues }: SqsState, name: string): QueueState {
  const queue = queues.get(name);
  if (queue === undefined)
    throw new AwsError('QueueDoesNotExist', 400, `The specified queue does not exist: ${name}`);
  return queue;
}

export function purge(state: SqsState, queue: QueueState): void {
  const now = state.clock.now();
  if (now - queue.purgedAt < PURGE_INTERVAL_MILLISECONDS) {
    throw new AwsError(
      'PurgeQueueInProgress',
      403,
      `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`,
    );
  }
  queue.purgedAt = now;
  removeAllMessages(state, queue);
}

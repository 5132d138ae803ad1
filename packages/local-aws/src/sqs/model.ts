import { AwsError } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import type { Journal } from '../journal.ts';
import type { Random } from '../random.ts';
import { applyAttributes, DEFAULT_SETTINGS, describeSettings, type QueueSettings } from './attributes.ts';
import { sizeOf, type Message, type MessageAttribute } from './message.ts';
import { createMoveTasks, type MoveTasks } from './move-task.ts';
import { createQueueState, type QueueState } from './queue.ts';

export interface SqsModelOptions {
  clock: Clock;
  random: Random;
  journal: Journal;
  region: string;
  accountId: string;
  /** Which of so many visible messages is received next; the oldest when left out. */
  chooseOnReceive?: (visible: number) => number;
  /** Whether a received message stays visible nevertheless: SQS delivers at least once. */
  duplicateOnReceive?: () => boolean;
}

export interface NewMessage {
  body: string;
  attributes?: Record<string, MessageAttribute>;
  /** The queue's own delay when left out. */
  delaySeconds?: number;
  traceHeader?: string;
  groupId?: string;
}

export interface Received extends Message {
  receipt: string;
}

/**
 * What SQS does, as plain state and rules: no I/O, and time only from the clock. Every change of a queue or a
 * message is written through to the journal.
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
  /** A handle from before the last receive deletes nothing, as on SQS, which answers with success too. */
  delete(queue: QueueState, receipt: string): void;
  /** Whether the handle is of the last receive and the message is still hidden for it. */
  inFlight(queue: QueueState, receipt: string): boolean;
  /** @param from when the seconds begin; now when left out */
  changeVisibility(queue: QueueState, receipt: string, seconds: number, from?: number): void;
  purge(queue: QueueState): void;
  /** Moves a message to another queue, as the redrive policy and move tasks do. */
  move(from: QueueState, message: Message, to: QueueState, changes: Partial<Message>): void;
  readonly moveTasks: MoveTasks;
  /** Loads what an earlier process kept. */
  restore(): Promise<void>;
}

interface StoredQueue {
  name: string;
  createdAt: number;
  modifiedAt: number;
  settings: QueueSettings;
  tags: Record<string, string>;
}

const PURGE_INTERVAL_MILLISECONDS = 60_000;
const LONGEST_DELAY_MILLISECONDS = 900_000;

export function createSqsModel(options: SqsModelOptions): SqsModel {
  const { clock, random, journal, region, accountId } = options;
  const chooseOnReceive = options.chooseOnReceive ?? (() => 0);
  const duplicateOnReceive = options.duplicateOnReceive ?? (() => false);
  const byName = new Map<string, QueueState>();

  const arnOf = (name: string) => `arn:aws:sqs:${region}:${accountId}:${name}`;
  const queueKey = (name: string) => `sqs/queue/${name}`;
  const messageKey = (queue: QueueState, id: string) => `sqs/message/${queue.name}/${id}`;
  const keep = (queue: QueueState, message: Message) => journal.put(messageKey(queue, message.id), message);
  const forget = (queue: QueueState, id: string) => journal.del(messageKey(queue, id));

  function addQueue({ name, createdAt, modifiedAt, settings, tags }: StoredQueue): QueueState {
    const queue = createQueueState({
      name,
      arn: arnOf(name),
      createdAt,
      settings,
      clock,
      onExpired: (message) => forget(queue, message.id),
    });
    queue.modifiedAt = modifiedAt;
    queue.tags = tags;
    byName.set(name, queue);
    return queue;
  }

  function keepQueue(queue: QueueState): void {
    const { name, createdAt, modifiedAt, settings, tags } = queue;
    journal.put(queueKey(name), { name, createdAt, modifiedAt, settings, tags } satisfies StoredQueue);
  }

  function uuid(): string {
    const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }

  /** The message a receipt handle speaks of, if the handle is of this queue at all. */
  function find(queue: QueueState, receipt: string): Message | undefined {
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

  function checkRedrive({ redrive }: QueueSettings, arn: string): void {
    if (redrive === undefined) return;
    const target = model.queueByArn(redrive.deadLetterTargetArn);
    // A queue's dead letters in the queue itself would be dead again at once, without end.
    if (target === undefined || target.arn === arn) {
      const reason =
        target === undefined
          ? 'Dead letter target does not exist.'
          : 'Dead letter target is the queue itself.';
      throw new AwsError(
        'InvalidParameterValue',
        400,
        `Value ${JSON.stringify(redrive)} for parameter RedrivePolicy is invalid. Reason: ${reason}`,
      );
    }
    const allow = target.settings.redriveAllow;
    const allowed =
      allow === undefined ||
      allow.redrivePermission === 'allowAll' ||
      (allow.redrivePermission === 'byQueue' && (allow.sourceQueueArns ?? []).includes(arn));
    if (!allowed) {
      throw new AwsError(
        'InvalidParameterValue',
        400,
        `The redrive allow policy of ${target.name} does not allow ${arn}.`,
      );
    }
  }

  const model: SqsModel = {
    clock,

    createQueue(name, attributes, tags) {
      const existing = byName.get(name);
      if (existing !== undefined) {
        const shown = describeSettings(existing.settings);
        const asked = describeSettings(applyAttributes(existing.settings, attributes));
        if (Object.entries(asked).some(([attribute, value]) => shown[attribute] !== value)) {
          throw new AwsError(
            'QueueNameExists',
            400,
            `A queue named ${name} already exists with other attributes.`,
          );
        }
        return existing;
      }
      if (name.endsWith('.fifo'))
        throw new AwsError('NotImplemented', 501, 'This local SQS has no FIFO queues.');
      if (!/^[A-Za-z0-9_-]{1,80}$/.test(name)) {
        throw new AwsError(
          'InvalidParameterValue',
          400,
          'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
        );
      }
      const settings = applyAttributes(DEFAULT_SETTINGS, attributes);
      checkRedrive(settings, arnOf(name));
      const now = clock.now();
      const queue = addQueue({ name, createdAt: now, modifiedAt: now, settings, tags });
      keepQueue(queue);
      return queue;
    },

    deleteQueue(queue) {
      for (const { id } of queue.all()) forget(queue, id);
      queue.clear();
      byName.delete(queue.name);
      journal.del(queueKey(queue.name));
    },

    setAttributes(queue, attributes) {
      const settings = applyAttributes(queue.settings, attributes);
      checkRedrive(settings, queue.arn);
      queue.settings = settings;
      queue.modifiedAt = clock.now();
      keepQueue(queue);
    },

    setTags(queue, tags) {
      queue.tags = tags;
      keepQueue(queue);
    },

    queues: () => [...byName.values()],

    queue(name) {
      const queue = byName.get(name);
      if (queue === undefined) {
        throw new AwsError('QueueDoesNotExist', 400, `The specified queue does not exist: ${name}`);
      }
      return queue;
    },

    queueByArn: (arn) => [...byName.values()].find((queue) => queue.arn === arn),

    send(queue, { body, attributes = {}, delaySeconds, traceHeader, groupId }) {
      if (sizeOf(body, attributes) > queue.settings.maximumMessageSize) {
        const limit = queue.settings.maximumMessageSize;
        throw new AwsError(
          'InvalidParameterValue',
          400,
          `One or more parameters are invalid. Reason: Message must be shorter than ${limit} bytes.`,
        );
      }
      const now = clock.now();
      const message: Message = {
        id: uuid(),
        body,
        attributes,
        sentAt: now,
        visibleAt: now + (delaySeconds ?? queue.settings.delaySeconds) * 1000,
        receiveCount: 0,
        ...(traceHeader === undefined ? {} : { traceHeader }),
        ...(groupId === undefined ? {} : { groupId }),
      };
      keep(queue, message);
      queue.add(message);
      return message;
    },

    receive(queue, max, visibilitySeconds = queue.settings.visibilitySeconds) {
      const received: Received[] = [];
      const now = clock.now();
      for (let visible = queue.visible(); visible > 0 && received.length < max; visible = queue.visible()) {
        const message = queue.at(chooseOnReceive(visible));
        if (message === undefined) break;
        const { redrive } = queue.settings;
        const deadLetters = redrive === undefined ? undefined : model.queueByArn(redrive.deadLetterTargetArn);
        if (queue.isExpired(message)) {
          queue.delete(message.id);
          forget(queue, message.id);
          continue;
        }
        if (
          redrive !== undefined &&
          deadLetters !== undefined &&
          message.receiveCount >= redrive.maxReceiveCount
        ) {
          // The enqueue time and the receive count go along: SQS only moves the message.
          model.move(queue, message, deadLetters, { deadLetterSource: queue.arn });
          continue;
        }
        message.receiveCount += 1;
        message.firstReceivedAt ??= now;
        message.receipt = Buffer.from(`${queue.name} ${message.id} ${uuid()}`).toString('base64');
        message.visibleAt = duplicateOnReceive() ? now : now + visibilitySeconds * 1000;
        queue.hide(message.id);
        keep(queue, message);
        received.push({ ...message, receipt: message.receipt });
      }
      // Only now, so that no message is received twice by one request.
      for (const { id } of received) {
        const message = queue.get(id);
        if (message !== undefined) queue.reschedule(message);
      }
      return received;
    },

    delete(queue, receipt) {
      const message = find(queue, receipt);
      if (message === undefined || message.receipt !== receipt) return;
      queue.delete(message.id);
      forget(queue, message.id);
    },

    inFlight(queue, receipt) {
      const message = find(queue, receipt);
      return message?.receipt === receipt && message.visibleAt > clock.now();
    },

    changeVisibility(queue, receipt, seconds, from = clock.now()) {
      const message = find(queue, receipt);
      if (message === undefined || !model.inFlight(queue, receipt)) {
        throw new AwsError('MessageNotInflight', 400, 'The specified message is not in flight.');
      }
      message.visibleAt = from + seconds * 1000;
      queue.reschedule(message);
    },

    purge(queue) {
      if (clock.now() - queue.purgedAt < PURGE_INTERVAL_MILLISECONDS) {
        throw new AwsError(
          'PurgeQueueInProgress',
          403,
          `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`,
        );
      }
      queue.purgedAt = clock.now();
      for (const { id } of queue.all()) forget(queue, id);
      queue.clear();
    },

    move(from, message, to, changes) {
      from.delete(message.id);
      forget(from, message.id);
      const { receipt: _receipt, ...rest } = message;
      const moved: Message = { ...rest, visibleAt: clock.now(), ...changes };
      keep(to, moved);
      to.add(moved);
    },

    get moveTasks() {
      return moveTasks;
    },

    async restore() {
      for await (const [, stored] of journal.entries('sqs/queue/')) addQueue(stored as StoredQueue);
      const messages: [QueueState, Message][] = [];
      for await (const [key, stored] of journal.entries('sqs/message/')) {
        const queue = byName.get(key.split('/')[2] ?? '');
        if (queue !== undefined) messages.push([queue, stored as Message]);
      }
      messages.sort(([, a], [, b]) => a.sentAt - b.sentAt);
      const now = clock.now();
      for (const [queue, message] of messages) {
        // The clock may have gone back meanwhile.
        message.visibleAt = Math.min(message.visibleAt, now + LONGEST_DELAY_MILLISECONDS);
        // Whoever held a message is gone with the process that this journal outlived.
        if (message.receiveCount > 0) message.visibleAt = now;
        queue.add(message);
      }
    },
  };
  const moveTasks = createMoveTasks(model, clock, uuid);
  return model;
}

import TinyQueue from 'tinyqueue';
import type { Clock } from '../clock.ts';
import type { QueueSettings } from './attributes.ts';
import type { Message } from './message.ts';
import { createWaiters } from './waiters.ts';

/**
 * A message that cannot be received until a given time. Stale if the message has changed since. Has only the message's
 * id, because the entry of a deleted message stays in the list until that time.
 */
interface Hidden {
  at: number;
  id: string;
}

const EXPIRY_SWEEP_MILLISECONDS = 10_000;

/**
 * The messages of a queue: visible messages, oldest first, and messages hidden until a time. Only the occasional
 * sweep for expired messages iterates over all of them.
 */
export interface QueueState {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  settings: QueueSettings;
  modifiedAt: number;
  purgedAt: number;
  tags: Record<string, string>;
  /** Returns whether a message's retention period is over. Only running time counts. */
  isExpired(message: Message): boolean;
  add(message: Message): void;
  get(id: string): Message | undefined;
  delete(id: string): void;
  clear(): void;
  all(): Iterable<Message>;
  /** Returns the number of visible messages. */
  visible(): number;
  /** Returns the visible message at a position, oldest first. */
  at(position: number): Message | undefined;
  /** Removes a message from the visible messages until it is rescheduled. */
  hide(id: string): void;
  /** Reschedules a message after its `visibleAt` changed. */
  reschedule(message: Message): void;
  counts(): { visible: number; inFlight: number; delayed: number };
  /**
   * Resolves when a message may be received, the signal is aborted, or the time is over. Another waiter may receive
   * the message first.
   */
  waitForVisible(signal: AbortSignal, milliseconds?: number): Promise<void>;
}

interface QueueOptions {
  name: string;
  arn: string;
  createdAt: number;
  settings: QueueSettings;
  clock: Clock;
  onExpired(message: Message): void;
}

export function createQueueState({
  name,
  arn,
  createdAt,
  settings,
  clock,
  onExpired,
}: QueueOptions): QueueState {
  const messages = new Map<string, Message>();
  const visible = new Map<string, Message>();
  const hidden = new TinyQueue<Hidden>([], (a, b) => a.at - b.at);
  const waiters = createWaiters(clock);
  let cancelTimer: () => void = () => undefined;
  let sweptAt = createdAt;

  function advance(): void {
    const now = clock.now();
    for (let next = hidden.peek(); next !== undefined && next.at <= now; next = hidden.peek()) {
      hidden.pop();
      const message = messages.get(next.id);
      if (message?.visibleAt === next.at) visible.set(message.id, message);
    }
    if (now - sweptAt >= EXPIRY_SWEEP_MILLISECONDS) sweep(now);
  }

  function sweep(now: number): void {
    sweptAt = now;
    for (const message of messages.values()) {
      if (!state.isExpired(message)) continue;
      messages.delete(message.id);
      visible.delete(message.id);
      onExpired(message);
    }
  }

  function wake(): void {
    advance();
    if (visible.size > 0) return waiters.wake();
    const next = hidden.peek();
    cancelTimer();
    if (waiters.any() && next !== undefined)
      cancelTimer = clock.after(Math.max(0, next.at - clock.now()), wake);
  }

  const state: QueueState = {
    name,
    arn,
    createdAt,
    settings,
    modifiedAt: createdAt,
    purgedAt: Number.NEGATIVE_INFINITY,
    tags: {},
    isExpired: ({ sentAt }) => clock.ranSince(sentAt) >= state.settings.retentionSeconds * 1000,
    add(message) {
      messages.set(message.id, message);
      state.reschedule(message);
    },
    get: (id) => messages.get(id),
    delete(id) {
      messages.delete(id);
      visible.delete(id);
    },
    clear() {
      messages.clear();
      visible.clear();
    },
    all: () => messages.values(),
    visible() {
      advance();
      return visible.size;
    },
    at(position) {
      let left = position;
      for (const message of visible.values()) if (left-- === 0) return message;
      return undefined;
    },
    hide: (id) => void visible.delete(id),
    reschedule(message) {
      visible.delete(message.id);
      if (message.visibleAt <= clock.now()) visible.set(message.id, message);
      else hidden.push({ at: message.visibleAt, id: message.id });
      wake();
    },
    counts() {
      advance();
      let delayed = 0;
      let inFlight = 0;
      for (const message of messages.values()) {
        if (visible.has(message.id)) continue;
        if (message.receiveCount === 0) delayed += 1;
        else inFlight += 1;
      }
      return { visible: visible.size, inFlight, delayed };
    },
    waitForVisible: (signal, milliseconds = Number.POSITIVE_INFINITY) =>
      waiters.wait(signal, milliseconds, wake),
  };
  return state;
}

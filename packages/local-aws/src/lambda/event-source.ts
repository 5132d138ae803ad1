import type { SQSRecord } from 'aws-lambda';
import { failedMessages } from './batch-response.ts';
import type { Invoked } from './function-process.ts';
import type { LocalFunction, Slot } from './function.ts';

/** The event source's view of its queue. */
export interface EventQueue {
  /** Resolves when a message may be received, or the signal is aborted. */
  waitForMessages(signal: AbortSignal): Promise<void>;
  receive(max: number): SQSRecord[];
  delete(records: SQSRecord[]): void;
  /** Makes records visible again after this many seconds. */
  hide(records: SQSRecord[], seconds: number): void;
  /** Resolves when the receive counts are on disk. */
  flush(): Promise<void>;
}

export interface EventSourceOptions {
  queue: EventQueue;
  function: LocalFunction;
  batchSize: number;
  onFunctionError(error: Exclude<Invoked, { kind: 'answer' }>, records: number): void;
  onError(error: unknown): void;
}

export interface EventSource {
  /** Receives no more messages. Resolves when the batches in flight have ended. */
  stop(): Promise<void>;
}

/**
 * Invokes a function with batches of a queue, as Lambda's event source mapping does with partial batch responses.
 *
 * A process is taken before messages are received, so that none of them waits invisibly for one; on Lambda that
 * is what the maximum concurrency is set for. After a function error Lambda leaves the batch to its visibility
 * timeout; here it comes back after `retryAfterSeconds`, because nobody learns anything from waiting 12 minutes.
 */
export function startEventSource(options: EventSourceOptions): EventSource {
  const { queue, batchSize } = options;
  const stopping = new AbortController();
  const inFlight = new Set<Promise<void>>();

  async function poll(): Promise<void> {
    while (!stopping.signal.aborted) {
      await queue.waitForMessages(stopping.signal);
      const slot = await options.function.acquire(stopping.signal);
      if (slot === undefined) return;
      const records = stopping.signal.aborted ? [] : queue.receive(batchSize);
      if (records.length === 0) {
        slot.release();
        continue;
      }
      const run = runBatch(slot, records).catch(options.onError);
      inFlight.add(run);
      void run.then(() => inFlight.delete(run));
    }
  }

  async function runBatch(slot: Slot, records: SQSRecord[]): Promise<void> {
    // A receive must count even if the invocation crashes the whole machine.
    try {
      await queue.flush();
    } catch (error) {
      slot.release();
      throw error;
    }
    const invoked = await slot.invoke({ Records: records });
    if (invoked.kind === 'answer') {
      const ids = records.map(({ messageId }) => messageId);
      const failed = failedMessages(invoked.value, ids);
      // Failed messages stay hidden for their visibility timeout, or for as long as the function has hidden them.
      queue.delete(records.filter(({ messageId }) => !failed.has(messageId)));
    } else {
      options.onFunctionError(invoked, records.length);
      queue.hide(records, retryAfterSeconds(records));
    }
    await queue.flush();
  }

  const polling = poll().catch(options.onError);
  return {
    async stop() {
      stopping.abort();
      await polling;
      await Promise.all(inFlight);
    },
  };
}

/** One second more with each receive, in case the cause is temporary. */
function retryAfterSeconds(records: SQSRecord[]): number {
  return Math.max(...records.map(({ attributes }) => Number(attributes.ApproximateReceiveCount)));
}

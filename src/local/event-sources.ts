import type { LocalAws } from '@millrace/local-aws';
import { eventQueue, startEventSource, type LocalFunction } from '@millrace/local-aws/lambda';
import { SETTINGS } from '../core/settings.ts';
import type { Timing } from '../core/timing.ts';
import type { Resources } from './resources.ts';

interface EventSourcesDeps {
  aws: LocalAws;
  resources: Resources;
  timing: Timing;
  worker: LocalFunction;
  /** Whether the workers' logs are there when the notice is read. */
  keepsLogs: boolean;
  onNotice(text: string): void;
  /** Called when an event source cannot continue. */
  onError(error: unknown): void;
}

/**
 * Invokes the worker with the messages of its two queues.
 * @returns a function that stops receiving and waits for the invocations in progress
 */
export function startEventSources(deps: EventSourcesDeps): () => Promise<void> {
  const { aws, resources, timing, worker, keepsLogs, onNotice, onError } = deps;
  const start = (arn: string, batchSize: number) =>
    startEventSource({
      queue: eventQueue(aws.sqs, aws.journal, arn, aws.region),
      function: worker,
      batchSize,
      onFunctionError(invoked, records) {
        const messages = records === 1 ? '1 message' : `${records} messages`;
        const log = keepsLogs && invoked.logFile !== undefined ? `; its log: ${invoked.logFile}` : '';
        onNotice(`a worker invocation with ${messages} failed: ${invoked.message}${log}`);
      },
      onError,
    });
  const conversion = start(resources.conversionQueue.arn, timing.batchSize);
  const retry = start(resources.retryQueue.arn, SETTINGS.retryBatchSize);
  return async () => {
    await Promise.all([retry.stop(), conversion.stop()]);
  };
}

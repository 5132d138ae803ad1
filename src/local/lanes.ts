import type { LocalAws } from '@millrace/local-aws';
import { eventQueue, startEventSource, type LocalFunction } from '@millrace/local-aws/lambda';
import { SETTINGS } from '../core/settings.ts';
import type { Timing } from '../core/timing.ts';
import type { Resources } from './resources.ts';

interface LanesDeps {
  aws: LocalAws;
  resources: Resources;
  timing: Timing;
  worker: LocalFunction;
  onNotice(text: string): void;
  /** Called when a lane cannot go on. */
  onError(error: unknown): void;
}

/**
 * Invokes the worker with the messages of its two queues.
 * @returns a function that takes no more messages, and ends what is in flight
 */
export function startLanes(deps: LanesDeps): () => Promise<void> {
  const { aws, resources, timing, worker, onNotice, onError } = deps;
  const start = (arn: string, batchSize: number) =>
    startEventSource({
      queue: eventQueue(aws.sqs, aws.journal, arn, aws.region),
      function: worker,
      batchSize,
      onFunctionError: ({ message }, records) =>
        onNotice(
          `a worker invocation with ${records === 1 ? '1 message' : `${records} messages`} failed: ${message}`,
        ),
      onError,
    });
  const conversion = start(resources.conversionQueue.arn, timing.batchSize);
  const retry = start(resources.retryQueue.arn, SETTINGS.retryBatchSize);
  return async () => {
    await retry.stop();
    await conversion.stop();
  };
}

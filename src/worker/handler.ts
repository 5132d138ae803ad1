import type { SQSRecord } from 'aws-lambda';
import { limitsOf } from '../core/rules.ts';
import { timingOf } from '../core/timing.ts';
import type { ProcessRecord } from './batch-lane.ts';
import type { Config } from './config.ts';
import type { Forward } from './forward.ts';
import type { Idempotency } from './idempotency.ts';
import type { Intake } from './intake.ts';
import type { Handler } from './lambda-handler.ts';
import { beginInvocation, type Invocation } from './invocation.ts';
import { laneOf, receiveCount, type Lane } from './record.ts';
import { requeueCount } from './requeue-count.ts';
import type { Telemetry } from './telemetry.ts';

interface HandlerDeps {
  config: Config;
  forward: Forward;
  intake: Intake;
  lanes: Record<Lane, ProcessRecord>;
  idempotency: Idempotency;
  telemetry: Telemetry;
}

/**
 * Handles a batch: routes each record to its lane, limits concurrency and reports failed records. Responds before the
 * function's timeout even if work hangs, because a timeout would return the whole batch, including finished records.
 */
export function createHandler({
  config,
  forward,
  intake,
  lanes,
  idempotency,
  telemetry,
}: HandlerDeps): Handler {
  const timing = timingOf(limitsOf(config.recipe));

  return async function handler(event, context) {
    idempotency.register(context);
    const invocation = beginInvocation(context, config, timing);
    const unfinished = new Set(event.Records);
    try {
      const done = await invocation.beforeTimeout(async () => {
        await processAll(event.Records, unfinished, invocation);
        return true;
      });
      if (done === undefined) {
        telemetry.count('Failed', unfinished.size);
        telemetry.error('out of time: unfinished messages will be received again', {
          records: unfinished.size,
        });
      }
    } finally {
      telemetry.publish();
    }
    const failed = new Set([...unfinished].map(({ messageId }) => messageId));
    return { batchItemFailures: [...failed].map((itemIdentifier) => ({ itemIdentifier })) };
  };

  /** Removes each record from `unfinished` as soon as it may be acknowledged. */
  async function processAll(
    records: SQSRecord[],
    unfinished: Set<SQSRecord>,
    invocation: Invocation,
  ): Promise<void> {
    const seenBefore = (record: SQSRecord) => laneOf(record, config) === 'batch' && receiveCount(record) >= 2;
    const repeated = records.filter(seenBefore);
    const notForwarded = new Set(await forward(repeated));
    for (const record of repeated) if (!notForwarded.has(record.messageId)) unfinished.delete(record);

    // Records that were requeued most often begin first.
    const fresh = records.filter((record) => !seenBefore(record));
    fresh.sort((one, other) => requeueCount(other) - requeueCount(one));
    await Promise.all(
      fresh.map((record) =>
        invocation.inTurn(async () => {
          const lane = laneOf(record, config);
          const keys = { messageId: record.messageId, lane, requestId: invocation.context.awsRequestId };
          if (await telemetry.within(keys, () => processOne(lane, record, invocation)))
            unfinished.delete(record);
        }),
      ),
    );
  }

  /** Returns whether the record may be acknowledged. */
  async function processOne(lane: Lane, record: SQSRecord, invocation: Invocation): Promise<boolean> {
    try {
      await lanes[lane](await intake(record), record, invocation);
      return true;
    } catch (error) {
      telemetry.count('Failed');
      telemetry.warn('failed: the message will be received again', {}, error);
      return false;
    }
  }
}

import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context, SQSBatchItemFailure, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import pLimit from 'p-limit';
import type { SettleRecord } from './batch-lane.ts';
import type { Config } from './config.ts';
import type { Forward } from './forward.ts';
import type { Idempotency } from './idempotency.ts';
import type { Intake } from './intake.ts';
import { laneOf, receiveCount, type Lane } from './record.ts';
import type { Telemetry } from './telemetry.ts';

interface HandlerDeps {
  config: Config;
  forward: Forward;
  intake: Intake;
  lanes: Record<Lane, SettleRecord>;
  idempotency: Idempotency;
  telemetry: Telemetry;
}

export type Handler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/** The plumbing of a batch: who goes where, how many at once, and which records come again. */
export function createHandler({
  config,
  forward,
  intake,
  lanes,
  idempotency,
  telemetry,
}: HandlerDeps): Handler {
  return async function handler(event, context) {
    idempotency.register(context);
    const repeated: SQSRecord[] = [];
    const fresh: SQSRecord[] = [];
    for (const record of event.Records) {
      const seenBefore = laneOf(record, config) === 'batch' && receiveCount(record) >= 2;
      (seenBefore ? repeated : fresh).push(record);
    }
    try {
      const notForwarded = await forward(repeated);
      const failures = notForwarded.map((itemIdentifier) => ({ itemIdentifier }));
      return { batchItemFailures: [...failures, ...(await settle(fresh, context))] };
    } finally {
      telemetry.publish();
    }
  };

  async function settle(records: SQSRecord[], context: Context): Promise<SQSBatchItemFailure[]> {
    if (records.length === 0) return [];
    const inHand = pLimit(config.inFlight);
    const settleRecord = (record: SQSRecord): Promise<void> =>
      inHand(() => {
        const lane = laneOf(record, config);
        const keys = { messageId: record.messageId, lane, requestId: context.awsRequestId };
        return telemetry.within(keys, () => settleOne(lane, record, context));
      });
    // A processor holds the state of one batch, so each invocation has its own. Its own parallelism has no bound.
    const processor = new BatchProcessor(EventType.SQS);
    const response = await processPartialResponse({ Records: records }, settleRecord, processor, {
      context,
      throwOnFullBatchFailure: false,
    });
    return response.batchItemFailures;
  }

  async function settleOne(lane: Lane, record: SQSRecord, context: Context): Promise<void> {
    try {
      await lanes[lane](await intake(record), record, context);
    } catch (error) {
      telemetry.count('Failed');
      telemetry.warn('not settled: the message comes again', {}, error);
      throw error;
    }
  }
}

import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { S3Client } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import { resultKey } from '../core/keys.ts';
import { batchesOf } from '../core/message-batches.ts';
import { dirtyMessage } from '../core/notification.ts';
import type { ObjectRef } from '../core/object-ref.ts';
import { readResultMetadata } from '../core/result-metadata.ts';
import { namespaceOf, timeOf, type OpsContext } from './context.ts';
import { head } from './object-status.ts';
import { reconcile, type Reconciled } from './reconcile.ts';
import { createPace } from './pace.ts';

/** Which of the uploads below a prefix are queued. Those without result or reason always are. */
export interface BackfillChoice {
  prefix: string;
  /** Those whose result was made under another recipe, too. It costs a request for each result to know. */
  stale: boolean;
  /** Those that have failed, too; what can never be converted then becomes a dead letter once more. */
  failed: boolean;
}

const HEADS_AT_ONCE = 32;
const ENTRIES_AT_ONCE = 256;

/**
 * The uploads that a backfill would queue, in key order, in constant memory.
 * @throws the SDK's error when S3 cannot be reached or refuses
 */
export async function* findBackfill(ops: OpsContext, choice: BackfillChoice): AsyncGenerator<Reconciled> {
  const limit = pLimit(HEADS_AT_ONCE);
  let window: Reconciled[] = [];
  async function* chosen() {
    const verdicts = await limit.map(window, (entry) => isChosen(ops, entry, choice));
    yield* window.filter((_, index) => verdicts[index]);
    window = [];
  }
  for await (const entry of reconcile(ops.s3, ops.deployment, choice.prefix)) {
    window.push(entry);
    if (window.length === ENTRIES_AT_ONCE) yield* chosen();
  }
  yield* chosen();
}

async function isChosen(
  ops: OpsContext,
  entry: Reconciled,
  { stale, failed }: BackfillChoice,
): Promise<boolean> {
  switch (entry.state) {
    case 'pending':
      return true;
    case 'failed':
      return failed;
    case 'converted':
      return stale && (await isStale(ops, entry));
  }
}

/** Whether any result of an upload was made under another recipe than the one in force. */
async function isStale({ s3, deployment }: OpsContext, object: ObjectRef): Promise<boolean> {
  const namespace = namespaceOf(deployment);
  const recipes = await Promise.all(
    deployment.renditions.map((rendition) =>
      recipeOf(s3, deployment.resultBucket, resultKey(object, rendition, namespace)),
    ),
  );
  return recipes.some((recipe) => recipe !== deployment.recipeId);
}

async function recipeOf(s3: S3Client, bucket: string, key: string): Promise<string | undefined> {
  return readResultMetadata((await head(s3, bucket, key))?.Metadata)?.recipe;
}

/**
 * Queues uploads for conversion, as if they had just been uploaded. A needless message does no harm: the worker
 * converts only what has no current result.
 * @param rate messages a second; as fast as SQS takes them when left out
 * @returns how many were queued
 * @throws the SDK's error; what was queued before stays so
 */
export async function runBackfill(
  ops: OpsContext,
  uploads: AsyncIterable<Reconciled>,
  stop: AbortSignal,
  { rate, onQueued }: { rate?: number; onQueued?: (count: number) => void } = {},
): Promise<number> {
  const { sqs, deployment } = ops;
  const pace = rate === undefined ? undefined : createPace(rate, stop, timeOf(ops));
  let queued = 0;
  let bodies: string[] = [];
  const flush = async () => {
    for (const batch of batchesOf(bodies, Buffer.byteLength)) {
      await pace?.before(batch.length);
      if (stop.aborted) return;
      const { Successful = [], Failed = [] } = await sqs.send(
        new SendMessageBatchCommand({
          QueueUrl: deployment.conversionQueueUrl,
          Entries: batch.map((MessageBody, index) => ({ Id: String(index), MessageBody })),
        }),
      );
      queued += Successful.length;
      onQueued?.(queued);
      const [failure] = Failed;
      if (failure !== undefined)
        throw new Error(`SQS refused a message: ${failure.Code}: ${failure.Message ?? ''}`);
    }
    bodies = [];
  };
  for await (const { bucket, key } of uploads) {
    if (stop.aborted) break;
    bodies.push(dirtyMessage({ bucket, key }));
    if (bodies.length === (pace?.portion ?? 10)) await flush();
  }
  if (!stop.aborted) await flush();
  return queued;
}

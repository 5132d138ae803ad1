import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { dirtyMessage } from '../core/notification.ts';
import { timeOf, type OpsContext } from './context.ts';
import { createPace } from './pace.ts';
import { listUploadStates, type Basis, type UploadState } from './list-upload-states.ts';

/** Which uploads are queued. Those with neither a result nor a failure report always are. */
export interface BackfillChoice {
  prefix: string;
  /** `objects` finds every upload without a current result. `listings` is fast, but misses some. */
  basis: Basis;
  /** Also uploads whose result was made under an older recipe. Requires `objects`. */
  stale: boolean;
  /** Also uploads that failed. Uploads that can never be converted become dead letters again. */
  failed: boolean;
}

/**
 * Yields the uploads that a backfill would queue, in key order, in constant memory.
 * @throws the SDK's error if S3 cannot be reached or refuses
 */
export async function* findBackfill(
  { s3, deployment }: OpsContext,
  { prefix, basis, ...choice }: BackfillChoice,
): AsyncGenerator<UploadState> {
  for await (const entry of listUploadStates(s3, deployment, prefix, { basis }))
    if (isChosen(entry, choice)) yield entry;
}

function isChosen(entry: UploadState, { stale, failed }: Pick<BackfillChoice, 'stale' | 'failed'>): boolean {
  switch (entry.state) {
    case 'pending':
      return true;
    case 'ignored':
      return false;
    case 'failed':
      return failed;
    case 'converted':
      return stale && entry.stale === true;
  }
}

/** Returns whether any upload has this key or prefix. */
export async function hasUploads({ s3, deployment }: OpsContext, prefix: string): Promise<boolean> {
  for (const Bucket of deployment.uploadBuckets) {
    const command = new ListObjectsV2Command({ Bucket, Prefix: prefix, MaxKeys: 1 });
    const { Contents = [] } = await s3.send(command);
    if (Contents.length > 0) return true;
  }
  return false;
}

type QueuedUpload = Pick<UploadState, 'bucket' | 'key'>;

/**
 * Queues uploads for conversion, as if they had just been uploaded. An unnecessary message is harmless: the worker
 * converts only uploads without a current result.
 * @param rate messages per second; by default, as fast as SQS accepts them
 * @returns how many were queued
 * @throws the SDK's error; uploads queued before stay queued
 */
export async function runBackfill(
  ops: OpsContext,
  uploads: AsyncIterable<QueuedUpload> | Iterable<QueuedUpload>,
  stop: AbortSignal,
  { rate, onQueued }: { rate?: number; onQueued?: (count: number) => void } = {},
): Promise<number> {
  const { sqs, deployment } = ops;
  const pace = rate === undefined ? undefined : createPace(rate, stop, timeOf(ops));
  let queued = 0;
  let bodies: string[] = [];
  // Ten messages, whatever their keys, are always small enough for one request.
  const flush = async () => {
    if (bodies.length === 0) return;
    await pace?.before(bodies.length);
    if (stop.aborted) return;
    const { Successful = [], Failed = [] } = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: deployment.conversionQueueUrl,
        Entries: bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody })),
      }),
    );
    queued += Successful.length;
    onQueued?.(queued);
    const [failure] = Failed;
    if (failure !== undefined)
      throw new Error(`SQS refused a message: ${failure.Code}: ${failure.Message ?? ''}`);
    bodies = [];
  };
  for await (const { bucket, key } of uploads) {
    if (stop.aborted) break;
    bodies.push(dirtyMessage({ bucket, key }));
    if (bodies.length === (pace?.portion ?? 10)) await flush();
  }
  await flush();
  return queued;
}

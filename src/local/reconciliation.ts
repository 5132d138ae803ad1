import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { LocalAws } from '@millrace/local-aws';
import { localClientConfig } from '@millrace/local-aws/client-config';
import { defined } from '../core/defined.ts';
import { createSdkClient, SERVICE_LIMITS } from '../core/sdk-client.ts';
import type { LocalDeployment } from '../core/deployment.ts';
import { queueDeleted } from '../ops/queue-deleted.ts';
import { queuePending, type InProgress } from '../ops/queue-pending.ts';
import { findInProgress } from './in-progress.ts';

const DAY = 86_400_000;

/**
 * Reconciles the buckets once a day, as the scheduled function does on AWS. It skips recent uploads, because their
 * messages may be in flight.
 * @param atStart whether to run now too, for the data of an earlier run; this queues every upload that no message is
 *   about
 * @returns a function that stops it
 */
export function startReconciliation(
  aws: Pick<LocalAws, 's3' | 'sqs' | 'clock'>,
  deployment: LocalDeployment,
  atStart: boolean,
  onNotice: (text: string) => void,
): () => Promise<void> {
  const client = { ...localClientConfig(deployment.awsUrl), maxAttempts: 10 };
  const s3 = createSdkClient(S3Client, { ...client, forcePathStyle: true }, SERVICE_LIMITS);
  const sqs = createSdkClient(SQSClient, client, SERVICE_LIMITS);
  const stopping = new AbortController();

  async function look(inProgress?: InProgress): Promise<void> {
    try {
      const { queued } = await queuePending(
        { s3, sqs, deployment },
        {
          stop: stopping.signal,
          now: aws.clock.now(),
          ...defined({ inProgress }),
        },
      );
      if (queued > 0)
        onNotice(
          `reconciliation: ${queued === 1 ? '1 upload' : `${queued} uploads`} had neither a result nor a failure report and went to the conversion queue`,
        );
      const deleted = await queueDeleted({ s3, sqs, deployment }, { stop: stopping.signal });
      if (deleted.queued > 0)
        onNotice(
          `reconciliation: ${deleted.queued === 1 ? '1 deleted upload' : `${deleted.queued} deleted uploads`} still had results or a failure report; the worker will delete them`,
        );
    } catch (error) {
      if (!stopping.signal.aborted) onNotice(`reconciliation failed; next try in a day: ${String(error)}`);
    }
  }

  let looking = atStart ? look(findInProgress(aws, deployment)) : Promise.resolve();
  const timer = setInterval(() => void (looking = look()), DAY);
  return async () => {
    clearInterval(timer);
    stopping.abort();
    await looking;
    s3.destroy();
    sqs.destroy();
  };
}

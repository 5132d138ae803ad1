import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { localClientConfig } from '@millrace/local-aws/client-config';
import { createSdkClient, SERVICE_LIMITS } from '../core/sdk-client.ts';
import type { LocalDeployment } from '../core/deployment.ts';
import { SETTINGS } from '../core/settings.ts';
import { archiveDeadLetters } from '../ops/dead-letters/archive.ts';

const HOUR = 3_600_000;

/**
 * Archives dead letters that SQS would soon delete, every hour, as the scheduled function does on AWS.
 * @param atStart whether to run now too, for dead letters of an earlier run
 * @param now the clock of the queue's messages
 * @returns a function that stops it
 */
export function startExpiryGuard(
  deployment: LocalDeployment,
  atStart: boolean,
  now: () => number,
  onNotice: (text: string) => void,
): () => void {
  const client = localClientConfig(deployment.awsUrl);
  const s3 = createSdkClient(S3Client, { ...client, forcePathStyle: true }, SERVICE_LIMITS);
  const sqs = createSdkClient(SQSClient, client, SERVICE_LIMITS);

  let stopped = false;

  async function look(): Promise<void> {
    try {
      const { taken } = await archiveDeadLetters(
        { s3, sqs, deployment },
        SETTINGS.archiveAfterSeconds,
        now(),
      );
      if (taken > 0)
        onNotice(
          `${taken} dead letters were about to expire: archived; \`millrace redrive --archived\` sends them`,
        );
    } catch (error) {
      if (!stopped) onNotice(`the expiry guard failed and tries again in an hour: ${String(error)}`);
    }
  }

  if (atStart) void look();
  const timer = setInterval(() => void look(), HOUR);
  return () => {
    stopped = true;
    clearInterval(timer);
    s3.destroy();
    sqs.destroy();
  };
}

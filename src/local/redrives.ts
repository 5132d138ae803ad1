import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { localClientConfig } from '@millrace/local-aws/client-config';
import { createSdkClient, SERVICE_LIMITS } from '../core/sdk-client.ts';
import type { LocalDeployment } from '../core/deployment.ts';
import { runJob, type RedriveJob } from '../ops/redrive/job.ts';

/** Runs redrives in this process. On AWS, a separate function runs them. */
export interface LocalRedrives {
  start(job: RedriveJob): void;
  /** Interrupts running redrives, and waits for their records. */
  stop(): Promise<void>;
}

export function createRedrives(
  deployment: LocalDeployment,
  onError: (error: unknown) => void,
): LocalRedrives {
  const client = { ...localClientConfig(deployment.awsUrl), maxAttempts: 10 };
  const s3 = createSdkClient(S3Client, { ...client, forcePathStyle: true }, SERVICE_LIMITS);
  const sqs = createSdkClient(SQSClient, client, SERVICE_LIMITS);
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  return {
    start(job) {
      // Its record says `failed` as well.
      const run = runJob({ s3, sqs, deployment }, job, stopping.signal).catch(onError);
      running.add(run);
      void run.then(() => running.delete(run));
    },
    async stop() {
      stopping.abort();
      await Promise.all(running);
      s3.destroy();
      sqs.destroy();
    },
  };
}

import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Command } from 'commander';
import { localClientConfig } from '@millrace/local-aws/client-config';
import { COMMAND_LIMITS, createSdkClient } from '../core/sdk-client.ts';
import type { OpsContext } from '../ops/context.ts';
import { findDeployment, type ConnectionOptions, type Found } from './find-deployment.ts';

export type { ConnectionOptions };

/** The pipeline that a command operates on. */
export interface Connection extends OpsContext {
  /** The name to show: its address or its stack's name. */
  name: string;
  /** The address of a local pipeline. */
  localUrl?: string;
}

/** Adds the options that select a pipeline. */
export function withConnection(command: Command): Command {
  return command
    .option('--endpoint <url>', 'address of a local pipeline (default: $MILLRACE_ENDPOINT)')
    .option('--stack <name>', 'stack name of a pipeline on AWS (default: $MILLRACE_STACK)');
}

/**
 * Runs a command against the pipeline that its options name, otherwise the environment's, otherwise the local one.
 * @throws CommandError if no pipeline responds
 */
export async function connected<T>(
  options: ConnectionOptions,
  run: (pipeline: Connection) => Promise<T>,
): Promise<T> {
  const pipeline = connect(await findDeployment(options));
  try {
    return await run(pipeline);
  } finally {
    pipeline.s3.destroy();
    pipeline.sqs.destroy();
  }
}

/** Retries requests longer than the SDK does by default, because a busy pipeline may throttle them. */
const SHARED = { maxAttempts: 8 };
/** TLS and content lengths already verify transfers; an additional checksum would slow down bulk work. */
const S3_CONFIG: S3ClientConfig = { ...SHARED, responseChecksumValidation: 'WHEN_REQUIRED' };

function connect({ name, deployment, local }: Found): Connection {
  if (local !== undefined) {
    const client = { ...localClientConfig(local.awsUrl), ...SHARED };
    return {
      name,
      localUrl: local.url,
      deployment,
      s3: createSdkClient(S3Client, { ...S3_CONFIG, ...client, forcePathStyle: true }, COMMAND_LIMITS),
      sqs: createSdkClient(SQSClient, client, COMMAND_LIMITS),
    };
  }
  // A custom endpoint, such as an S3-compatible store, has no host name for each bucket.
  const { AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3 = AWS_ENDPOINT_URL } = process.env;
  return {
    name,
    deployment,
    s3: createSdkClient(
      S3Client,
      { ...S3_CONFIG, forcePathStyle: AWS_ENDPOINT_URL_S3 !== undefined },
      COMMAND_LIMITS,
    ),
    sqs: createSdkClient(SQSClient, SHARED, COMMAND_LIMITS),
  };
}

import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Command } from 'commander';
import { localClientConfig } from '@millrace/local-aws/client-config';
import { COMMAND_LIMITS, createSdkClient } from '../core/sdk-client.ts';
import type { OpsContext } from '../ops/context.ts';
import { findDeployment, type ConnectionOptions, type Found } from './find-deployment.ts';

export type { ConnectionOptions };

/** A pipeline that a command operates on. */
export interface Connection extends OpsContext {
  /** How people know it: its address, or the name of its stack. */
  name: string;
  /** Where a local pipeline answers. */
  localUrl?: string;
}

/** Adds the options by which a command finds its pipeline. */
export function withConnection(command: Command): Command {
  return command
    .option('--endpoint <url>', 'address of a local pipeline (default: $MILLRACE_ENDPOINT)')
    .option('--stack <name>', 'stack name of a pipeline on AWS (default: $MILLRACE_STACK)');
}

/**
 * Runs a command against the pipeline that its options name, or else the environment, or else the local one.
 * @throws CommandError when no pipeline answers there
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

/** Throttled by a busy pipeline, a request waits its turn. */
const SHARED = { maxAttempts: 8 };
/** TLS and the lengths check transfers already; bulk work pays for each checksum beside the MD5. */
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
  // An address of one's own (an S3 look-alike, say) has no name for each bucket.
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

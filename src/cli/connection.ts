import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Command } from 'commander';
import { deploymentFromOutputs, localDeploymentSchema } from '../core/deployment.ts';
import { localClientConfig } from '../local/client-config.ts';
import type { OpsContext } from '../ops/context.ts';
import { messageOf } from './arguments.ts';
import { CommandError, EXIT } from './exit-codes.ts';

/** A pipeline that a command operates on. */
export interface Connection extends OpsContext {
  /** How people know it: its address, or the name of its stack. */
  name: string;
  /** Where a local pipeline answers. */
  localUrl?: string;
}

export interface ConnectionOptions {
  endpoint?: string;
  stack?: string;
}

export const DEFAULT_ENDPOINT = 'http://127.0.0.1:4800';

/** Adds the options by which a command finds its pipeline. */
export function withConnection(command: Command): Command {
  return command
    .option('--endpoint <url>', 'a local pipeline: the address of its pages (default: $MILLRACE_ENDPOINT)')
    .option('--stack <name>', 'a pipeline on AWS: the name of its stack (default: $MILLRACE_STACK)');
}

/**
 * Runs a command against the pipeline that its options name, or else the environment, or else the local one.
 * @throws CommandError when no pipeline answers there
 */
export async function connected<T>(
  options: ConnectionOptions,
  run: (pipeline: Connection) => Promise<T>,
): Promise<T> {
  if (options.endpoint !== undefined && options.stack !== undefined)
    throw new CommandError(EXIT.wrongUsage, 'name either --endpoint or --stack, not both');
  const { MILLRACE_ENDPOINT, MILLRACE_STACK } = environment();
  const stack = options.stack ?? (options.endpoint === undefined ? MILLRACE_STACK : undefined);
  if (stack !== undefined && options.stack === undefined && MILLRACE_ENDPOINT !== undefined)
    throw new CommandError(EXIT.wrongUsage, 'MILLRACE_ENDPOINT and MILLRACE_STACK are both set: unset one');
  const pipeline =
    stack === undefined
      ? await connectLocal(
          options.endpoint ?? MILLRACE_ENDPOINT ?? DEFAULT_ENDPOINT,
          options.endpoint === undefined ? 'MILLRACE_ENDPOINT' : '--endpoint',
        )
      : await connectStack(stack);
  try {
    return await run(pipeline);
  } finally {
    pipeline.s3.destroy();
    pipeline.sqs.destroy();
  }
}

/** What listens there and does not answer is no pipeline. */
const ANSWER_MILLISECONDS = 10_000;
/** Throttled by a busy pipeline, a request waits its turn. */
const SHARED = { maxAttempts: 8 };
/** TLS and the lengths check transfers already; bulk work pays for each checksum beside the MD5. */
const S3_CONFIG: S3ClientConfig = { ...SHARED, responseChecksumValidation: 'WHEN_REQUIRED' };

/** What is set to nothing is not set. */
function environment(): { MILLRACE_ENDPOINT?: string; MILLRACE_STACK?: string } {
  const { MILLRACE_ENDPOINT, MILLRACE_STACK } = process.env;
  return { ...(MILLRACE_ENDPOINT && { MILLRACE_ENDPOINT }), ...(MILLRACE_STACK && { MILLRACE_STACK }) };
}

/** @param from where the address was named, for the error */
async function connectLocal(endpoint: string, from: string): Promise<Connection> {
  const base = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (base === undefined || !base.protocol.startsWith('http'))
    throw new CommandError(
      EXIT.wrongUsage,
      `${from}: expected a URL such as ${DEFAULT_ENDPOINT}, got "${endpoint}"`,
    );
  const answer = await fetch(new URL('/deployment', base), {
    signal: AbortSignal.timeout(ANSWER_MILLISECONDS),
  }).catch((cause: unknown) => {
    const hint = 'start one with `millrace start`, or name one with --endpoint or --stack';
    throw new CommandError(EXIT.unreachable, `no pipeline answers at ${endpoint}: ${hint}`, { cause });
  });
  const parsed = localDeploymentSchema.safeParse(await answer.json().catch(() => undefined));
  if (!answer.ok || !parsed.success)
    throw new CommandError(
      EXIT.unreachable,
      `what answers at ${endpoint} is no local pipeline of this version`,
    );
  const { awsUrl, ...deployment } = parsed.data;
  const client = { ...localClientConfig(awsUrl), ...SHARED };
  return {
    name: endpoint,
    localUrl: base.origin,
    deployment,
    s3: new S3Client({ ...S3_CONFIG, ...client, forcePathStyle: true }),
    sqs: new SQSClient(client),
  };
}

async function connectStack(stack: string): Promise<Connection> {
  // Only here: a client that most runs do not need costs each of them its import.
  const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  const cloudFormation = new CloudFormationClient(SHARED);
  try {
    const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stack }));
    const outputs = new Map(
      (Stacks[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    );
    const deployment = deploymentFromOutputs(outputs);
    // An address of one's own (an S3 look-alike, say) has no name for each bucket.
    const { AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3 = AWS_ENDPOINT_URL } = process.env;
    return {
      name: stack,
      deployment,
      s3: new S3Client({ ...S3_CONFIG, forcePathStyle: AWS_ENDPOINT_URL_S3 !== undefined }),
      sqs: new SQSClient(SHARED),
    };
  } catch (cause) {
    throw new CommandError(EXIT.unreachable, `the stack ${stack} could not be read: ${messageOf(cause)}`, {
      cause,
    });
  } finally {
    cloudFormation.destroy();
  }
}

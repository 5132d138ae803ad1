import { COMMAND_LIMITS, createSdkClient } from '../core/sdk-client.ts';
import { deploymentFromOutputs, localDeploymentSchema, type Deployment } from '../core/deployment.ts';
import { messageOf } from '../core/message-of.ts';
import { CommandError, EXIT } from './exit-codes.ts';

export interface ConnectionOptions {
  endpoint?: string;
  stack?: string;
}

/** A pipeline that the options of a command name. */
export interface Found {
  /** The name to show: its address or its stack's name. */
  name: string;
  deployment: Deployment;
  /** The addresses of a local pipeline: of its API, and of its S3, SQS and DynamoDB. */
  local?: { url: string; awsUrl: string };
}

/** A server that does not respond in this time is not a pipeline. */
const ANSWER_MILLISECONDS = 10_000;
export const DEFAULT_ENDPOINT = 'http://127.0.0.1:4800';

/**
 * Finds the pipeline that the options name, otherwise the environment's, otherwise the local one.
 * @throws CommandError if no pipeline responds
 */
export function findDeployment(options: ConnectionOptions): Promise<Found> {
  if (options.endpoint !== undefined && options.stack !== undefined)
    throw new CommandError(EXIT.wrongUsage, 'name either --endpoint or --stack, not both');
  const { MILLRACE_ENDPOINT, MILLRACE_STACK } = environment();
  const stack = options.stack ?? (options.endpoint === undefined ? MILLRACE_STACK : undefined);
  if (stack !== undefined && options.stack === undefined && MILLRACE_ENDPOINT !== undefined)
    throw new CommandError(EXIT.wrongUsage, 'MILLRACE_ENDPOINT and MILLRACE_STACK are both set: unset one');
  return stack === undefined
    ? findLocal(
        options.endpoint ?? MILLRACE_ENDPOINT ?? DEFAULT_ENDPOINT,
        options.endpoint === undefined ? 'MILLRACE_ENDPOINT' : '--endpoint',
      )
    : findStack(stack);
}

/** Returns the environment's variables. An empty variable counts as unset. */
function environment(): { MILLRACE_ENDPOINT?: string; MILLRACE_STACK?: string } {
  const { MILLRACE_ENDPOINT, MILLRACE_STACK } = process.env;
  return { ...(MILLRACE_ENDPOINT && { MILLRACE_ENDPOINT }), ...(MILLRACE_STACK && { MILLRACE_STACK }) };
}

/** @param from where the address was named, for the error */
async function findLocal(endpoint: string, from: string): Promise<Found> {
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
      `the server at ${endpoint} is not a local pipeline of this version`,
    );
  const { awsUrl, ...deployment } = parsed.data;
  return { name: endpoint, deployment, local: { url: base.origin, awsUrl } };
}

/** @param stack name or ARN of a stack; the id of a pipeline may follow the name: `prod/Photos` */
async function findStack(stack: string): Promise<Found> {
  const [StackName = stack, pipeline] = stack.startsWith('arn:') ? [stack] : stack.split('/');
  // Imported on demand: most runs do not need this client.
  const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  const cloudFormation = createSdkClient(CloudFormationClient, { maxAttempts: 8 }, COMMAND_LIMITS);
  try {
    const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
    const outputs = new Map(
      (Stacks[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    );
    return { name: stack, deployment: deploymentFromOutputs(outputs, pipeline) };
  } catch (cause) {
    throw new CommandError(EXIT.unreachable, `the stack ${stack} could not be read: ${messageOf(cause)}`, {
      cause,
    });
  } finally {
    cloudFormation.destroy();
  }
}

import type { LambdaClient } from '@aws-sdk/client-lambda';
import { createSdkClient, SERVICE_LIMITS } from '../../core/sdk-client.ts';
import type { RedriveJob } from './job.ts';

/**
 * Starts runs of redrives on AWS: each is an asynchronous invocation of a function of its own.
 * @param functionName of the runner
 * @param createClient asked for the first time something is started
 */
export function createRunnerInvoker(
  functionName: string,
  createClient: () => Promise<LambdaClient> = newClient,
): (job: RedriveJob) => Promise<void> {
  let client: Promise<LambdaClient> | undefined;
  return async (job) => {
    const { InvokeCommand } = await import('@aws-sdk/client-lambda');
    await (
      await (client ??= createClient())
    ).send(
      new InvokeCommand({
        FunctionName: functionName,
        InvocationType: 'Event',
        Payload: JSON.stringify(job),
      }),
    );
  };
}

/** Only then: most invocations of the API start nothing, and each would pay for the import. */
async function newClient(): Promise<LambdaClient> {
  const { LambdaClient } = await import('@aws-sdk/client-lambda');
  return createSdkClient(LambdaClient, {}, SERVICE_LIMITS);
}

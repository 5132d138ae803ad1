import type { LambdaClient } from '@aws-sdk/client-lambda';
import { createSdkClient, SERVICE_LIMITS } from '../core/sdk-client.ts';

/**
 * Invokes a Lambda function asynchronously.
 * @param createClient called when the function is invoked for the first time
 */
export function createInvoker(
  functionName: string,
  createClient: () => Promise<LambdaClient> = newClient,
): (event: object) => Promise<void> {
  let client: Promise<LambdaClient> | undefined;
  return async (event) => {
    const { InvokeCommand } = await import('@aws-sdk/client-lambda');
    await (
      await (client ??= createClient())
    ).send(
      new InvokeCommand({
        FunctionName: functionName,
        InvocationType: 'Event',
        Payload: JSON.stringify(event),
      }),
    );
  };
}

/** Imported on first use, because most invocations of the API start no function. */
async function newClient(): Promise<LambdaClient> {
  const { LambdaClient } = await import('@aws-sdk/client-lambda');
  return createSdkClient(LambdaClient, {}, SERVICE_LIMITS);
}

/**
 * The process that runs a function's code, like Lambda's runtime. It loads the module named by the first argument and
 * handles one invocation after another with its `handler`. An uncaught error ends the process, as on Lambda.
 */
import type { Context } from 'aws-lambda';
import type { FromProcess, Invocation } from './protocol.ts';

const [modulePath] = process.argv.slice(2);
const { AWS_LAMBDA_FUNCTION_NAME: name = 'function', AWS_REGION: region = '' } = process.env;

interface FunctionModule {
  handler(event: unknown, context: Context): Promise<unknown>;
}

const loaded: Promise<FunctionModule> = import(String(modulePath));

function contextOf({ id, milliseconds }: Invocation): Context {
  const deadline = performance.now() + milliseconds;
  const notSupported = () => {
    throw new Error('the callback style of the context is not supported: return a promise');
  };
  return {
    awsRequestId: id,
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:${region}:000000000000:function:${name}`,
    memoryLimitInMB: process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'] ?? '',
    logGroupName: process.env['AWS_LAMBDA_LOG_GROUP_NAME'] ?? '',
    logStreamName: process.env['AWS_LAMBDA_LOG_STREAM_NAME'] ?? '',
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, deadline - performance.now()),
    done: notSupported,
    fail: notSupported,
    succeed: notSupported,
  };
}

function say(message: FromProcess): void {
  process.send?.(message);
}

async function answer(invocation: Invocation): Promise<void> {
  const { handler } = await loaded;
  try {
    say({ kind: 'answer', id: invocation.id, value: await handler(invocation.event, contextOf(invocation)) });
  } catch (error) {
    say({
      kind: 'error',
      id: invocation.id,
      message: error instanceof Error ? String(error.stack) : String(error),
    });
  }
}

process.on('message', (invocation: Invocation) => void answer(invocation));
// The service has ended or was killed, so no response can be delivered. Programs that the function started end too.
process.on('disconnect', () => process.kill(-process.pid, 'SIGKILL'));
await loaded;
say({ kind: 'ready' });

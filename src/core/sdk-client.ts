import { Readable } from 'node:stream';

/** Time limits for an SDK client's requests, in milliseconds. */
export interface RequestLimits {
  /** Time without a byte in either direction. Longer than a long poll, if there are any. */
  idle: number;
  /** Time from a response's headers to the end of its body. */
  answer: number;
}

/** For functions and services, where no user waits. SQS's longest poll takes 20 seconds. */
export const SERVICE_LIMITS: RequestLimits = { idle: 30_000, answer: 60_000 };
/** For the command: a slow connection can delay a response, and S3 may take minutes to assemble parts. */
export const COMMAND_LIMITS: RequestLimits = { idle: 30_000, answer: 15 * 60_000 };

const CONNECTION_MILLISECONDS = 5000;

interface Client {
  middlewareStack: {
    add(
      middleware: (
        next: (args: object) => Promise<{ response: unknown }>,
      ) => (args: object) => Promise<{ response: unknown }>,
      options: { step: 'deserialize'; priority: 'low'; name: string },
    ): void;
  };
}

/**
 * Creates an AWS SDK client whose requests all come to an end. By default the SDK waits forever for the rest of a
 * response: its `requestTimeout` ends with the headers, and its `socketTimeout` never ends a response that trickles in.
 */
export function createSdkClient<Config extends object, C>(
  SdkClient: new (config: Config) => C,
  config: NoInfer<Config>,
  limits: RequestLimits,
): C {
  const requestHandler = { connectionTimeout: CONNECTION_MILLISECONDS, socketTimeout: limits.idle };
  const client = new SdkClient({ requestHandler, ...config });
  // Next to the handler, so that the limit applies to every reader of a response, in the SDK or after it.
  (client as Client).middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      endAfter((result.response as { body?: unknown }).body, limits.answer);
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'limitAnswer' },
  );
  return client;
}

function endAfter(body: unknown, milliseconds: number): void {
  if (!(body instanceof Readable)) return;
  const timer = setTimeout(() => {
    const error = new Error(`the response took longer than ${milliseconds / 1000} s`);
    // With this name, the SDK retries responses that it reads itself.
    body.destroy(Object.assign(error, { name: 'TimeoutError' }));
  }, milliseconds);
  timer.unref();
  body.once('close', () => clearTimeout(timer));
}

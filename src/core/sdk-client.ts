import { Readable } from 'node:stream';

/** How long a request of an SDK client may take. Milliseconds. */
export interface RequestLimits {
  /** Without a byte in either direction; longer than a long poll, where there are any. */
  idle: number;
  /** From the headers of an answer to the end of its body. */
  answer: number;
}

/** For functions and services without a person who waits. The longest poll of SQS takes 20 seconds. */
export const SERVICE_LIMITS: RequestLimits = { idle: 30_000, answer: 60_000 };
/** For the command: over a slow line an answer may be long on its way, and S3 may take minutes to put parts together. */
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
 * Creates a client of the AWS SDK whose requests all come to an end. By itself the SDK waits for ever for the rest of
 * an answer: its `requestTimeout` ends with the headers, and its `socketTimeout` never ends an answer that drips.
 */
export function createSdkClient<Config extends object, C>(
  SdkClient: new (config: Config) => C,
  config: NoInfer<Config>,
  limits: RequestLimits,
): C {
  const requestHandler = { connectionTimeout: CONNECTION_MILLISECONDS, socketTimeout: limits.idle };
  const client = new SdkClient({ requestHandler, ...config });
  // Next to the handler: what reads the answers, in the SDK or after it, gets them limited.
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
    // Under this name the SDK tries again what it reads itself.
    body.destroy(Object.assign(error, { name: 'TimeoutError' }));
  }, milliseconds);
  timer.unref();
  body.once('close', () => clearTimeout(timer));
}

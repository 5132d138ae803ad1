import type { IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';

/**
 * Time limits for an SDK client's requests, in milliseconds. Time during which a response's reader is busy or leaves
 * received bytes unread does not count, for example while a conversion works on a chunk.
 */
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
/** How many times a response is checked within the shorter of its limits. */
const STEPS = 4;

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
      endIfSlow((result.response as { body?: unknown }).body, limits);
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'limitAnswer' },
  );
  return client;
}

function endIfSlow(body: unknown, { idle, answer }: RequestLimits): void {
  if (!(body instanceof Readable)) return;
  const { socket } = body as Partial<IncomingMessage>;
  const step = Math.min(idle, answer) / STEPS;
  let left = answer;
  let before = performance.eventLoopUtilization();
  const timer = setInterval(() => {
    // A reader that computes keeps the event loop busy. A reader that pauses leaves bytes unread.
    const free = performance.eventLoopUtilization(before).idle;
    before = performance.eventLoopUtilization();
    const waited = body.readableLength > 0 ? 0 : Math.min(step, free);
    // Restarts the socket's own timeout.
    if (waited < step / 2) socket?.setTimeout(socket.timeout ?? 0);
    left -= waited;
    if (left > 0) return;
    clearInterval(timer);
    const error = new Error(`the response took longer than ${answer / 1000} s to arrive`);
    // With this name, the SDK retries responses that it reads itself.
    body.destroy(Object.assign(error, { name: 'TimeoutError' }));
  }, step);
  timer.unref();
  body.once('close', () => clearInterval(timer));
}

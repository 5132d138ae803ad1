import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** Requests of the SDK, and of `fetch`. */
const CHANNELS = ['http.client.request.start', 'undici:request:create'];

/** Call it before a command starts in this process. Returns what presses Ctrl-C for the command alone. */
export function ctrlC(): () => void {
  const others = new Set(process.listeners('SIGINT'));
  return () => {
    for (const listener of process.listeners('SIGINT')) if (!others.has(listener)) listener('SIGINT');
  };
}

/** Runs a command in this process, and `act` at its first request that matches, such as `/^POST \/uploads/`. */
export async function atRequest<T>(request: RegExp, act: () => void, run: () => Promise<T>): Promise<T> {
  const onRequest = (message: unknown) => {
    const { method, path } = (message as { request: { method: string; path: string } }).request;
    if (!request.test(`${method} ${path}`)) return;
    end();
    act();
  };
  const end = () => {
    for (const channel of CHANNELS) unsubscribe(channel, onRequest);
  };
  for (const channel of CHANNELS) subscribe(channel, onRequest);
  try {
    return await run();
  } finally {
    end();
  }
}

/** Presses Ctrl-C at the first request that matches. */
export function interruptedAt<T>(request: RegExp, run: () => Promise<T>): Promise<T> {
  return atRequest(request, ctrlC(), run);
}

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';

/** Presses Ctrl-C for a command in this process, at its first request that matches, such as `/^POST \/uploads/`. */
export async function interruptedAt<T>(request: RegExp, run: () => Promise<T>): Promise<T> {
  const others = new Set(process.listeners('SIGINT'));
  const onRequest = (message: unknown) => {
    const { method, path } = (message as { request: ClientRequest }).request;
    if (!request.test(`${method} ${path}`)) return;
    unsubscribe('http.client.request.start', onRequest);
    for (const listener of process.listeners('SIGINT')) if (!others.has(listener)) listener('SIGINT');
  };
  subscribe('http.client.request.start', onRequest);
  try {
    return await run();
  } finally {
    unsubscribe('http.client.request.start', onRequest);
  }
}

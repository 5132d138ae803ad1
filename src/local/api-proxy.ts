import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { proxy } from 'hono/proxy';
import { limitBodies } from '../api/body-limit.ts';
import { problem } from '../api/problem.ts';
import { onlyLocal } from './own-origin-only.ts';

interface ApiProxyOptions {
  apiUrl: URL;
  /** The proxy's port; 0 picks a free port. */
  port: number;
  /** Headers that authorize a request. */
  authorize(request: {
    method: string;
    url: URL;
    headers: Record<string, string>;
    body?: Uint8Array;
  }): Promise<Record<string, string>>;
}

/** The API responds within half a minute or not at all; this includes the transfer of the whole response. */
const ANSWER_MILLISECONDS = 120_000;
/** Request headers to forward; others concern only the browser and this machine. */
const FORWARDED = ['accept', 'content-type'];

/**
 * Serves a deployment's pages and API on this machine, and signs requests with the user's credentials. Requests from
 * other web pages are refused.
 */
export async function startApiProxy({
  apiUrl,
  port: wanted,
  authorize,
}: ApiProxyOptions): Promise<{ url: string; stop(): Promise<void> }> {
  let port = 0;
  const app = new Hono().use(onlyLocal(() => port)).use(limitBodies);
  app.all('*', async (context) => {
    const { method, raw } = context.req;
    const asked = new URL(raw.url);
    const url = new URL(apiUrl);
    url.pathname = asked.pathname;
    // A signature requires spaces as %20.
    url.search = [...asked.searchParams].map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
    const headers = Object.fromEntries(
      FORWARDED.flatMap((name) => {
        const value = context.req.header(name);
        return value === undefined ? [] : [[name, value] as const];
      }),
    );
    const bytes = new Uint8Array(await raw.arrayBuffer());
    const body = bytes.length === 0 ? {} : { body: bytes };
    const allowed = await authorize({ method, url, headers, ...body });
    return proxy(url, {
      method,
      headers: { ...headers, ...allowed },
      ...body,
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_MILLISECONDS),
    });
  });
  app.onError((error) =>
    problem(
      502,
      'api.unreachable',
      `the request could not be signed, or sent to ${apiUrl.origin}: ${error.message}`,
    ),
  );
  const server = createAdaptorServer({ fetch: app.fetch });
  server.listen(wanted, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
    },
  };
}

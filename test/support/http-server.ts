import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Longer than clients keep idle connections. Node's default of 5 s may expire just as a client reuses one. */
const KEEP_ALIVE_MILLISECONDS = 75_000;

/** Creates a server that does not close connections that clients reuse, even on a slow machine. */
export function createTestServer(listener: RequestListener): Server {
  return createServer({ keepAliveTimeout: KEEP_ALIVE_MILLISECONDS }, listener);
}

export interface TestServer {
  url: string;
  stop(): void;
}

/** Starts such a server on any free port. */
export async function startTestServer(listener: RequestListener): Promise<TestServer> {
  const server = createTestServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Longer than clients keep idle connections. Node's default of 5 s may expire just as a client reuses one. */
const KEEP_ALIVE_MILLISECONDS = 75_000;

export interface TestServer {
  url: string;
  /** Closes its connections, too. */
  stop(): Promise<void>;
}

/** Starts a server, on any free port, that does not close connections that clients reuse, even on a slow machine. */
export async function startTestServer(listener: RequestListener): Promise<TestServer> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MILLISECONDS }, listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

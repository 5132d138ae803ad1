import { createServer, type RequestListener, type Server } from 'node:http';

/** Longer than clients keep idle connections. Node's default of 5 s may expire just as a client reuses one. */
const KEEP_ALIVE_MILLISECONDS = 75_000;

/** Creates a server that does not close connections that clients reuse, even on a slow machine. */
export function createTestServer(listener: RequestListener): Server {
  return createServer({ keepAliveTimeout: KEEP_ALIVE_MILLISECONDS }, listener);
}

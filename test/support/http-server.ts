import { createServer, type RequestListener, type Server } from 'node:http';

/** Longer than clients keep an idle connection: Node's own 5 s may end just when a client takes it again. */
const KEEP_ALIVE_MILLISECONDS = 75_000;

/** Creates a server that no client finds hanging up on it, however slowly the machine goes. */
export function createTestServer(listener: RequestListener): Server {
  return createServer({ keepAliveTimeout: KEEP_ALIVE_MILLISECONDS }, listener);
}

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { HttpHandler } from './faults.ts';

/** Dynalite itself takes 16 MiB, and joins them anew with each piece. The pipeline's items have a few hundred bytes. */
const MAX_REQUEST_BYTES = 4 * 1024 * 1024;

/** DynamoDB's protocol, as far as Dynalite speaks it. Dynalite is loaded with the first request. */
export function createDynamoHandler(): HttpHandler {
  let loading: Promise<Server> | undefined;
  return async (req, res) => {
    const dynamo = await (loading ??= load());
    dynamo.emit('request', req, res);
    // Its own listener throws, and a client that left would end the process.
    req.removeAllListeners('error').on('error', () => res.destroy());
    let bytes = 0;
    req.on('data', (piece: Buffer) => {
      bytes += piece.byteLength;
      if (bytes > MAX_REQUEST_BYTES) refuse(req, res);
    });
  };
}

async function load(): Promise<Server> {
  const { default: dynalite } = await import('dynalite');
  return dynalite({ createTableMs: 0 });
}

/** Answers at once, and throws away what still comes, so that the client gets to read the answer. */
function refuse(req: IncomingMessage, res: ServerResponse): void {
  req.removeAllListeners('data').removeAllListeners('end').resume();
  res.writeHead(413, { 'content-type': 'application/x-amz-json-1.0' });
  res.end(
    JSON.stringify({
      __type: 'com.amazon.coral.service#RequestEntityTooLargeException',
      message: `A request has ${MAX_REQUEST_BYTES} bytes at most.`,
    }),
  );
}

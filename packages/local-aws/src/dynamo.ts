import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { HttpHandler } from './faults.ts';

/**
 * Dynalite accepts 16 MiB, and concatenates them again for each chunk. The pipeline's items have a few hundred bytes.
 */
const MAX_REQUEST_BYTES = 4 * 1024 * 1024;

/** Handles DynamoDB's protocol as far as dynalite implements it. Loads dynalite with the first request. */
export function createDynamoHandler(): HttpHandler {
  let loading: Promise<Server> | undefined;
  return async (req, res) => {
    const dynamo = await (loading ??= load());
    dynamo.emit('request', req, res);
    // Dynalite's own listener throws, so a client that disconnects would end the process.
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

/** Responds at once and discards the rest of the body, so that the client can read the response. */
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

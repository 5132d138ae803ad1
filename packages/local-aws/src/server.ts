import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Machine } from './clock.ts';
import { createTroubleReport, DiskTrouble, diskTrouble } from './disk-trouble.ts';
import { createDynamoHandler } from './dynamo.ts';
import type { HttpHandler } from './faults.ts';
import { isCrossOrigin } from './cross-origin.ts';

export interface ServerOptions {
  port: number;
  s3: HttpHandler;
  sqs: HttpHandler;
  machine: Machine;
  onError(error: unknown): void;
}

/** Longer than clients keep an idle connection, so that they never use one that is being closed. */
const KEEP_ALIVE_MILLISECONDS = 75_000;
/** Time for responses in progress when the server stops. */
const GRACE_MILLISECONDS = 1000;

/** Serves S3, SQS and DynamoDB on one port of this machine. */
export async function startServer(options: ServerOptions): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer(requestListener(options));
  server.keepAliveTimeout = KEEP_ALIVE_MILLISECONDS;
  // An upload may take as long as it needs, as long as data arrives.
  server.requestTimeout = 0;
  server.timeout = 5 * 60_000;
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  // With too many open files, connections cannot be accepted; clients retry.
  const troubles = createTroubleReport(options.onError);
  server.on('error', (error) => troubles.report(diskTrouble(error) ?? new DiskTrouble(error.message)));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, stop: () => closeServer(server) };
}

function requestListener({ s3, sqs, machine, onError }: ServerOptions) {
  const dynamo = createDynamoHandler();
  return (req: IncomingMessage, res: ServerResponse): void => {
    // Node's own Date header is up to a second old. When the clock jumps, clients would correct their clocks by it.
    res.setHeader('date', new Date(machine.wall()).toUTCString());
    if (!isLocalHost(req.headers.host))
      return refuse(req, res, 'this server answers to names of this machine only');
    const form = req.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
    const target = String(req.headers['x-amz-target'] ?? '');
    const isS3 = target === '' && !(req.method === 'POST' && form);
    // S3 checks its buckets' CORS rules; SQS and DynamoDB have none.
    if (!isS3 && isCrossOrigin(req)) return refuse(req, res, 'this server refuses requests from web pages');
    const handle = target.startsWith('DynamoDB_') ? dynamo : isS3 ? s3 : sqs;
    handle(req, res).catch((error: unknown) => {
      onError(error);
      res.destroy();
    });
  };
}

/** Otherwise, a foreign page whose host name resolves to this machine (DNS rebinding) could reach everything. */
function isLocalHost(host = 'localhost'): boolean {
  return /^(127\.0\.0\.1|\[::1\]|([\w.-]+\.)?localhost)(:\d*)?$/i.test(host);
}

function refuse(req: IncomingMessage, res: ServerResponse, why: string): void {
  req.resume();
  res.writeHead(403, { 'content-type': 'text/plain' });
  res.end(`${why}\n`);
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), GRACE_MILLISECONDS);
  await closed;
  clearTimeout(timer);
}

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Deployment } from '../../src/core/deployment.ts';
import { createTestServer } from './http-server.ts';

export interface RefusingPipeline {
  url: string;
  /** How many requests it has refused. */
  readonly requests: number;
  stop(): void;
}

/** Starts a server that responds like this to all requests but that for the deployment. */
export async function startRefusingPipeline(
  deployment: Deployment,
  status: number,
  body: string,
): Promise<RefusingPipeline> {
  let requests = 0;
  const server = createTestServer((request, response) => {
    if (request.url === '/deployment') return response.end(JSON.stringify({ ...deployment, awsUrl: url }));
    request.resume();
    requests += 1;
    response.writeHead(status, { 'content-type': 'application/json' });
    return response.end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    get requests() {
      return requests;
    },
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

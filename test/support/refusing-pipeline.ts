import type { Deployment } from '../../src/core/deployment.ts';
import { startTestServer, type TestServer } from './http-server.ts';

export interface RefusingPipeline extends TestServer {
  /** How many requests it has refused. */
  readonly requests: number;
}

/** Starts a server that responds like this to all requests but those for the deployment and its alarms. */
export async function startRefusingPipeline(
  deployment: Deployment,
  status: number,
  body: string,
): Promise<RefusingPipeline> {
  let requests = 0;
  const { url, stop } = await startTestServer((request, response) => {
    if (request.url === '/deployment') return response.end(JSON.stringify({ ...deployment, awsUrl: url }));
    if (request.url === '/alarms') return response.end(JSON.stringify({ 'dead-letters': 'ok' }));
    request.resume();
    requests += 1;
    response.writeHead(status, { 'content-type': 'application/json' });
    return response.end(body);
  });
  return {
    url,
    stop,
    get requests() {
      return requests;
    },
  };
}

import type { Deployment } from '../../src/core/deployment.ts';
import { startTestServer, type TestServer } from './http-server.ts';

export interface RefusingPipeline extends TestServer {
  /** How many requests it has refused. */
  readonly requests: number;
}

/** Starts a server that responds like this to all requests but that for the deployment. */
export async function startRefusingPipeline(
  deployment: Deployment,
  status: number,
  body: string,
): Promise<RefusingPipeline> {
  let requests = 0;
  const { url, stop } = await startTestServer((request, response) => {
    if (request.url === '/deployment') return response.end(JSON.stringify({ ...deployment, awsUrl: url }));
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

import { once } from 'node:events';
import { request as send, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { localDeploymentSchema, type LocalDeployment } from '../../src/core/deployment.ts';
import type { Started } from './command.ts';
import { createTestServer } from './http-server.ts';

export interface GateOptions {
  /** What `GET /deployment` says other than the pipeline. */
  change?: Partial<LocalDeployment>;
  /** A request waits for what this answers. */
  hold?: (request: IncomingMessage) => Promise<void> | undefined;
  /** Refuses every request to S3, as AWS refuses unknown credentials. */
  refuse?: boolean;
}

const REFUSAL =
  '<?xml version="1.0" encoding="UTF-8"?><Error><Code>InvalidAccessKeyId</Code>' +
  '<Message>The AWS Access Key Id you provided does not exist in our records.</Message></Error>';

/** Stands between the command and a local pipeline, whose S3 is reached through it. */
export async function startGate(
  { url, awsUrl }: Pick<Started, 'url' | 'awsUrl'>,
  { change, hold, refuse }: GateOptions,
): Promise<{ url: string; stop(): Promise<void> }> {
  const deployment = localDeploymentSchema.parse(await (await fetch(`${url}/deployment`)).json());
  const server = createTestServer((request, response) => {
    void (async () => {
      if (request.url === '/deployment') {
        response.end(JSON.stringify({ ...deployment, awsUrl: here(), ...change }));
        return;
      }
      if (refuse === true) {
        request.resume();
        response.writeHead(403, { 'content-type': 'application/xml' });
        response.end(request.method === 'HEAD' ? undefined : REFUSAL);
        return;
      }
      await hold?.(request);
      const { method, headers, url: path } = request;
      const passed = send(new URL(path ?? '/', awsUrl), { method, headers });
      request.pipe(passed);
      passed.on('response', (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      passed.on('error', () => response.destroy());
    })();
  });
  const here = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: here(),
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

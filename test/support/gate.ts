import { request as send, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { localDeploymentSchema, type LocalDeployment } from '../../src/core/deployment.ts';
import type { Started } from './command.ts';
import { startTestServer, type TestServer } from './http-server.ts';

export interface GateOptions {
  /** Overrides for the response of `GET /deployment`. */
  change?: Partial<LocalDeployment>;
  /** Returns what a request waits for. */
  hold?: (request: IncomingMessage) => Promise<void> | undefined;
  /** Returns what a response waits for. By then, the request has taken effect. */
  answered?: (request: IncomingMessage) => Promise<void> | undefined;
  /** Changes an SQS request's text without changing its length. */
  rewrite?: (body: string) => string;
  /** Refuses every S3 request, as AWS refuses unknown credentials. */
  refuse?: boolean;
}

/** Returns an SQS request's action, such as `ReceiveMessage`. */
export function stepOf({ headers }: IncomingMessage): string | undefined {
  return /^AmazonSQS\.(\w+)$/.exec(String(headers['x-amz-target']))?.[1];
}

const REFUSAL =
  '<?xml version="1.0" encoding="UTF-8"?><Error><Code>InvalidAccessKeyId</Code>' +
  '<Message>The AWS Access Key Id you provided does not exist in our records.</Message></Error>';

/** A proxy between the command and a local pipeline, including its S3. */
export async function startGate(
  { url, awsUrl }: Pick<Started, 'url' | 'awsUrl'>,
  { change, hold, answered, rewrite, refuse }: GateOptions,
): Promise<TestServer> {
  const deployment = localDeploymentSchema.parse(await (await fetch(`${url}/deployment`)).json());
  const server = await startTestServer((request, response) => {
    void (async () => {
      if (request.url === '/deployment') {
        response.end(JSON.stringify({ ...deployment, awsUrl: server.url, ...change }));
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
      passed.on('response', (answer) => {
        void (async () => {
          await answered?.(request);
          response.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(response);
        })();
      });
      passed.on('error', () => response.destroy());
      // A killed command closes its end of both.
      request.on('error', () => passed.destroy());
      if (rewrite !== undefined && stepOf(request) !== undefined) passed.end(rewrite(await text(request)));
      else request.pipe(passed);
    })();
  });
  return server;
}

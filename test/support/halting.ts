import { request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import { startTestServer, type TestServer } from './http-server.ts';

/** How a response halts: before its headers, or halfway through its body, which then stops or trickles. */
export type Halt = 'no headers' | 'stands still' | 'drips';

const DRIP_MILLISECONDS = 20;

/** Halts a response. A trickling one never pauses for long, and lasts more than a minute. */
export function halt(
  response: ServerResponse,
  how: Halt,
  status: number,
  headers: object,
  body: Buffer,
): void {
  if (how === 'no headers') return;
  const half = Math.floor(body.byteLength / 2);
  response.writeHead(status, { ...headers, 'content-length': half + 60_000 / DRIP_MILLISECONDS });
  response.write(body.subarray(0, half));
  if (how === 'stands still') return;
  const dripping = setInterval(() => response.write('.'), DRIP_MILLISECONDS);
  response.once('close', () => clearInterval(dripping));
}

/** A proxy that halts a server's responses. */
export async function startHalting(
  target: string,
  halts: (request: IncomingMessage) => Halt | undefined,
): Promise<TestServer> {
  return startTestServer((request, response) => {
    const how = halts(request);
    const { method, headers, url = '/' } = request;
    const passed = send(new URL(url, target), { method, headers });
    request.pipe(passed);
    passed.on('error', () => response.destroy());
    passed.on('response', (answer) => {
      const status = answer.statusCode ?? 500;
      if (how === undefined) {
        response.writeHead(status, answer.headers);
        answer.pipe(response);
        return;
      }
      void (async () => {
        const chunks: Buffer[] = await answer.toArray();
        halt(response, how, status, answer.headers, Buffer.concat(chunks));
      })();
    });
  });
}

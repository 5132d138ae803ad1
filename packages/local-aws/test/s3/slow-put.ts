import { once } from 'node:events';
import { request } from 'node:http';
import { rawHeaders, type TestS3 } from './server.ts';

/** A PUT whose body the test ends. It has started when the server has requested the body. */
export async function slowPut({ url }: TestS3, path: string, headers: Record<string, string> = {}) {
  const all = rawHeaders({ ...headers, 'content-length': '4', expect: '100-continue' });
  const sending = request(url + path, { method: 'PUT', headers: all, agent: false });
  const status = new Promise<number | undefined>((resolve, reject) => {
    sending.on('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sending.on('error', reject);
  });
  sending.flushHeaders();
  await once(sending, 'continue');
  sending.write('sl');
  return { status, finish: () => void sending.end('ow') };
}

import { request as httpRequest } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signer } from '../../src/cli/api/authorize.ts';
import { startApiProxy } from '../../src/local/api-proxy.ts';
import { chunkedBody } from '../support/chunked-body.ts';
import { CREDENTIALS, startSignedApi } from '../support/signed-api.ts';

let api: Awaited<ReturnType<typeof startSignedApi>>;
let proxy: Awaited<ReturnType<typeof startApiProxy>>;
beforeEach(async () => {
  process.env['AWS_ACCESS_KEY_ID'] = CREDENTIALS.accessKeyId;
  process.env['AWS_SECRET_ACCESS_KEY'] = CREDENTIALS.secretAccessKey;
  api = await startSignedApi(({ path }) =>
    path.startsWith('/results/')
      ? new Response(null, { status: 302, headers: { location: 'https://s3.example/a' } })
      : new Response('answered', {
          status: 201,
          headers: { 'content-security-policy': "default-src 'none'" },
        }),
  );
  proxy = await startApiProxy({ apiUrl: api.url, port: 0, authorize: signer('eu-west-1') });
});
afterEach(async () => {
  await proxy.stop();
  await api.stop();
  delete process.env['AWS_ACCESS_KEY_ID'];
  delete process.env['AWS_SECRET_ACCESS_KEY'];
});

describe("a deployment's pages on this machine", () => {
  it('call the API with signed requests, and get its responses unchanged', async () => {
    const answer = await fetch(`${proxy.url}/uploads`, {
      method: 'POST',
      body: '{"files":[]}',
      headers: { 'content-type': 'application/json', cookie: 'a=b', origin: proxy.url },
    });
    expect(answer.status).toBe(201);
    expect(await answer.text()).toBe('answered');
    expect(answer.headers.get('content-security-policy')).toBe("default-src 'none'");
    expect(api.seen).toMatchObject([{ method: 'POST', path: '/uploads', body: '{"files":[]}' }]);
    expect(api.seen[0]?.headers['content-type']).toBe('application/json');
    expect(api.seen[0]?.headers.cookie).toBeUndefined();
    expect(api.seen[0]?.headers.origin).toBeUndefined();
  });

  it.each([
    '/ops/dead-letters?prefix=a%20b&key=%2B%26%3D%22',
    '/objects/holiday/it%20is%20%22bad%22%20%C3%A4.jpg',
    '/results/a%2Fb.jpg?download=1',
    '/',
  ])('reach %s with a valid signature', async (path) => {
    const answer = await fetch(proxy.url + path, { redirect: 'manual' });
    expect([201, 302]).toContain(answer.status);
    expect(api.seen[0]?.path).toBe(path);
    if (path.startsWith('/results')) expect(answer.headers.get('location')).toBe('https://s3.example/a');
  });

  it('are refused by the API without a signature, or with one for another request', async () => {
    expect((await fetch(api.url)).status).toBe(403);
    await proxy.stop();
    const elsewhere = signer('eu-west-1');
    proxy = await startApiProxy({
      apiUrl: api.url,
      port: 0,
      authorize: (request) => elsewhere({ ...request, url: new URL('/other', request.url) }),
    });
    expect((await fetch(`${proxy.url}/uploads`)).status).toBe(403);
    expect(api.seen).toEqual([]);
  });

  it('sign no requests from other pages or for other host names', async () => {
    const foreign = await fetch(proxy.url, { headers: { origin: 'https://evil.example' } });
    expect(foreign.status).toBe(403);
    const rebound = await new Promise<number | undefined>((resolve, reject) => {
      const asking = httpRequest(proxy.url, { headers: { host: 'evil.example' } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      asking.on('error', reject).end();
    });
    expect(rebound).toBe(403);
    expect(api.seen).toEqual([]);
  });

  it('are reached from this machine only', async () => {
    // Another address of this machine, as that of its network is.
    const other = proxy.url.replace('127.0.0.1', '127.0.0.2');
    await expect(fetch(other)).rejects.toThrow('fetch failed');
  });

  it('can no longer be reached once they are stopped', async () => {
    await proxy.stop();
    await expect(fetch(proxy.url)).rejects.toThrow('fetch failed');
    proxy = await startApiProxy({ apiUrl: api.url, port: 0, authorize: signer('eu-west-1') });
  });

  it('say so if the API does not respond', async () => {
    await proxy.stop();
    proxy = await startApiProxy({
      apiUrl: new URL('http://127.0.0.1:1'),
      port: 0,
      authorize: () => Promise.resolve({}),
    });
    const answer = await fetch(proxy.url);
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({ code: 'api.unreachable' });
  });

  it('refuse a too large body without a declared length before anything is signed', async () => {
    await proxy.stop();
    proxy = await startApiProxy({
      apiUrl: new URL('https://nowhere.example'),
      port: 0,
      authorize: () => Promise.reject(new Error('it was signed')),
    });
    const answer = await fetch(`${proxy.url}/uploads`, {
      method: 'POST',
      // The API accepts up to 4 MB.
      body: chunkedBody(5_000_000, 100_000),
      headers: { 'content-type': 'application/json' },
      duplex: 'half',
    });
    expect([answer.status, await answer.json()]).toMatchObject([413, { code: 'request.too_large' }]);
  });
});

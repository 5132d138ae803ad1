import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { authorizationFor } from '../../../src/cli/api/authorize.ts';
import { CREDENTIALS, startSignedApi } from '../../support/signed-api.ts';

const GATEWAY = new URL('https://abc123.execute-api.eu-central-1.amazonaws.com');
const DOMAIN = new URL('https://api.example.org');

let api: Awaited<ReturnType<typeof startSignedApi>>;
beforeAll(async () => {
  api = await startSignedApi(() => new Response('answered'));
});
afterAll(() => api.stop());
beforeEach(() => {
  for (const name of ['MILLRACE_TOKEN', 'AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_SESSION_TOKEN'])
    vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_ACCESS_KEY_ID', CREDENTIALS.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', CREDENTIALS.secretAccessKey);
});
afterEach(() => vi.unstubAllEnvs());

const get = (url: URL) => ({ method: 'GET', url, headers: {} });

/** Returns the region of a request's signature. */
async function signedRegion(url: URL): Promise<string | undefined> {
  const { authorization = '' } = await authorizationFor(url)(get(url));
  return /Credential=AKIATEST\/\d{8}\/([^/]*)\/execute-api\//.exec(authorization)?.[1];
}

describe('a request to an API', () => {
  it.each([GATEWAY, DOMAIN, new URL('http://127.0.0.1:4800')])('has the token for %s', async (url) => {
    vi.stubEnv('MILLRACE_TOKEN', 'secret');
    for (const of of ['any', 'deployed'] as const)
      expect(await authorizationFor(url, of)(get(url))).toEqual({ authorization: 'Bearer secret' });
  });

  it.each(['http://127.0.0.1:4800', 'http://localhost', 'http://[::1]:4800'])(
    'to the local pipeline at %s has neither a token nor a signature',
    async (address) => {
      expect(await authorizationFor(new URL(address))(get(new URL(address)))).toEqual({});
    },
  );

  it("to a stack's API is signed, even if its address is local", async () => {
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    const url = new URL('/objects/a%20b?key=1&key=2&empty=', api.url);
    const body = new TextEncoder().encode('{"files":[]}');
    const headers = { 'content-type': 'application/json' };
    const authorize = authorizationFor(url, 'deployed');
    for (const each of [
      { method: 'POST', headers, body },
      { method: 'GET', headers: {} },
    ]) {
      const allowed = await authorize({ ...each, url });
      expect(allowed).not.toHaveProperty('host');
      const answer = await fetch(url, { ...each, headers: { ...each.headers, ...allowed } });
      expect(await answer.text()).toBe('answered');
    }
    expect(api.seen.map(({ path }) => path)).toEqual([
      '/objects/a%20b?key=1&key=2&empty=',
      '/objects/a%20b?key=1&key=2&empty=',
    ]);
  });

  it('is signed for the region in the address, otherwise that of the environment', async () => {
    expect(await signedRegion(GATEWAY)).toBe('eu-central-1');
    vi.stubEnv('AWS_DEFAULT_REGION', 'us-east-2');
    expect(await signedRegion(DOMAIN)).toBe('us-east-2');
    vi.stubEnv('AWS_REGION', 'us-west-1');
    expect(await signedRegion(DOMAIN)).toBe('us-west-1');
    expect(await signedRegion(GATEWAY)).toBe('eu-central-1');
  });

  it('is signed if the token is empty, and refused if the region is not known', () => {
    vi.stubEnv('MILLRACE_TOKEN', '');
    expect(() => authorizationFor(DOMAIN)).toThrow('set AWS_REGION to the region of api.example.org');
  });
});

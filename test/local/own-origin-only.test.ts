import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { onlyLocal } from '../../src/local/own-origin-only.ts';

const PORT = 4800;
const app = new Hono().use(onlyLocal(() => PORT));
app.all('*', (context) => context.text('reached'));

const HERE = `127.0.0.1:${PORT}`;
async function statusOf(headers: Record<string, string>, method = 'POST'): Promise<number> {
  const request = { method, headers: { host: HERE, ...headers } };
  return (await app.request('/ops/purges', request)).status;
}

describe('a local server', () => {
  it.each(['127.0.0.1:4800', 'localhost:4800', '[::1]:4800', 'LOCALHOST:4800'])(
    'responds to %s, and to its pages',
    async (host) => {
      expect(await statusOf({ host })).toBe(200);
      expect(await statusOf({ host, origin: `http://${host.toLowerCase()}` })).toBe(200);
    },
  );

  it.each([
    'evil.example:4800',
    'localhost.evil.example:4800',
    '127.0.0.1',
    'localhost:4801',
    '127.0.0.1:48000',
    '127.0.0.2:4800',
    '0.0.0.0:4800',
    '',
  ])('does not respond to "%s"', async (host) => {
    expect(await statusOf({ host })).toBe(403);
    expect(await statusOf({ host }, 'GET')).toBe(403);
  });

  it('says by which addresses it can be reached', async () => {
    const answer = await app.request('/', { headers: { host: 'my-machine:4800' } });
    expect(await answer.json()).toMatchObject({
      code: 'request.forbidden',
      detail: expect.stringContaining('http://127.0.0.1:4800, http://localhost:4800, http://[::1]:4800'),
    });
  });

  it.each([
    ['another port on this machine', 'http://127.0.0.1:3000'],
    ['another port, by name', 'http://localhost:3000'],
    ['the port of the local AWS', 'http://127.0.0.1:4801'],
    ['a port with the same beginning', 'http://127.0.0.1:48000'],
    ['the same port over TLS', 'https://127.0.0.1:4800'],
    ['the default port', 'http://127.0.0.1'],
    ['another machine', 'https://evil.example'],
    ['a name with the same beginning', 'http://localhost:4800.evil.example'],
    ['a file or a sandbox', 'null'],
    ['nobody', ''],
  ])('accepts no requests from pages of %s', async (_what, origin) => {
    expect(await statusOf({ origin })).toBe(403);
    expect(await statusOf({ origin }, 'GET')).toBe(403);
    expect(await statusOf({ origin, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate' })).toBe(403);
  });

  it.each([
    ['same-origin', 'no-cors', 200],
    ['none', 'navigate', 200],
    // Another port on this machine is the same site.
    ['same-site', 'no-cors', 403],
    ['same-site', 'cors', 403],
    ['cross-site', 'no-cors', 403],
    // A link to this server.
    ['same-site', 'navigate', 200],
    ['cross-site', 'navigate', 200],
  ])(
    "responds to a page's request from %s in mode %s without an origin with %i",
    async (site, mode, status) => {
      expect(await statusOf({ 'sec-fetch-site': site, 'sec-fetch-mode': mode }, 'GET')).toBe(status);
    },
  );
});

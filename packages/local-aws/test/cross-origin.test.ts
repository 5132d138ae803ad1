import { describe, expect, it } from 'vitest';
import { isCrossOrigin } from '../src/cross-origin.ts';
import { fc } from '../../../test/support/fuzz.ts';

const HOST = '127.0.0.1:4801';

describe('a request comes from a page of another origin', () => {
  it.each([
    ['names another origin', { origin: 'http://evil.example' }],
    ['names another port on this machine', { origin: 'http://127.0.0.1:3000' }],
    ['names another scheme', { origin: `https://${HOST}` }],
    ['has the opaque origin of a sandboxed frame', { origin: 'null' }],
    [
      'is for an image or a script on another site',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
    ],
  ])('if it %s', (_what, headers) => {
    expect(isCrossOrigin({ headers: { host: HOST, ...headers } })).toBe(true);
  });

  it.each([
    ['it does not come from a browser', {}],
    ['this server serves the page', { origin: `http://${HOST}`, 'sec-fetch-site': 'same-origin' }],
    ['a local page shows an image', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }],
    ['the user follows a link', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }],
    ['the user types the address', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }],
  ])('but not if %s', (_what, headers) => {
    expect(isCrossOrigin({ headers: { host: HOST, ...headers } })).toBe(false);
  });

  it('whatever other origin it names', () => {
    fc.assert(
      fc.property(fc.webUrl(), (address) => {
        const { origin } = new URL(address);
        expect(isCrossOrigin({ headers: { host: HOST, origin } })).toBe(true);
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { isCrossOrigin } from '../src/cross-origin.ts';
import { fc } from '../../../test/support/fuzz.ts';

const HOST = '127.0.0.1:4801';

describe('a request comes from a page of another origin', () => {
  it.each([
    ['says another origin', { origin: 'http://evil.example' }],
    ['says another port of this machine', { origin: 'http://127.0.0.1:3000' }],
    ['says another scheme', { origin: `https://${HOST}` }],
    ['says that its origin is a secret, as a sandboxed frame does', { origin: 'null' }],
    [
      'is an image or a script of another site',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
    ],
  ])('if it %s', (_what, headers) => {
    expect(isCrossOrigin({ headers: { host: HOST, ...headers } })).toBe(true);
  });

  it.each([
    ['no browser sent it', {}],
    ['this server serves the page', { origin: `http://${HOST}`, 'sec-fetch-site': 'same-origin' }],
    ['a page of this machine shows an image', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }],
    ['somebody follows a link', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }],
    ['somebody types the address', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }],
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

import type { IncomingMessage } from 'node:http';

/**
 * Whether a browser marks a request as that of a page from another origin. Any page that somebody visits can send
 * forms and simple requests to this machine, so such requests need a permission: a CORS rule of the bucket, which on
 * AWS decides only who may read the answer. Other clients send none of these headers.
 *
 * An image that a page of this machine shows has no `Origin` and is of the same site: ports do not count.
 * https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
 */
export function isOfOtherPage({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const { origin, host } = headers;
  if (origin !== undefined) return origin.toLowerCase() !== `http://${host?.toLowerCase()}`;
  // A link to here is followed, as an address that somebody types is.
  return headers['sec-fetch-site'] === 'cross-site' && headers['sec-fetch-mode'] !== 'navigate';
}

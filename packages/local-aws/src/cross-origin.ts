import type { IncomingMessage } from 'node:http';

/**
 * Returns whether a browser marks a request as coming from a page of another origin. Any page that a user visits can
 * send forms and simple requests to this machine, so such requests need permission: a CORS rule on the bucket, which
 * on AWS only decides who may read the response. Other clients send none of these headers.
 *
 * An image on a page of this machine is requested without `Origin` and as same-site, because ports do not count.
 * https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
 */
export function isCrossOrigin({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const { origin, host } = headers;
  if (origin !== undefined) return origin.toLowerCase() !== `http://${host?.toLowerCase()}`;
  // Links to this machine work, as do addresses that a user types.
  return headers['sec-fetch-site'] === 'cross-site' && headers['sec-fetch-mode'] !== 'navigate';
}

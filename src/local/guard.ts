import type { MiddlewareHandler } from 'hono';
import { problem } from '../api/problem.ts';

/** Names by which this machine speaks to itself. */
export function localOrigins(port: number): string[] {
  return ['127.0.0.1', 'localhost', '[::1]'].map((host) => `http://${host}:${port}`);
}

/**
 * Refuses what a strange page makes a browser send: a name of its own that leads to this machine (DNS rebinding) is
 * told by `Host`, a request from its own address by `Origin`.
 * @param port asked with each request: a free one is known only when the server listens
 */
export function onlyLocal(port: () => number): MiddlewareHandler {
  return async (context, next) => {
    const origins = localOrigins(port());
    const host = context.req.header('host') ?? '';
    if (!origins.includes(`http://${host.toLowerCase()}`))
      return problem(
        403,
        'request.forbidden',
        `Host is ${host}; this server answers to ${origins.join(', ')} only`,
      );
    const origin = context.req.header('origin');
    if (origin !== undefined && !origins.includes(origin))
      return problem(403, 'request.forbidden', `requests of pages from ${origin} are not taken`);
    // An image or a frame of another page says no Origin; a link to here is followed.
    const site = context.req.header('sec-fetch-site') ?? 'none';
    const isOwn =
      site === 'same-origin' || site === 'none' || context.req.header('sec-fetch-mode') === 'navigate';
    if (!isOwn) return problem(403, 'request.forbidden', 'other pages may not take anything from here');
    return next();
  };
}

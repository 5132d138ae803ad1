import type { MiddlewareHandler } from 'hono';
import { problem } from '../api/problem.ts';

/** Returns the origins by which this machine addresses itself. */
export function localOrigins(port: number): string[] {
  return ['127.0.0.1', 'localhost', '[::1]'].map((host) => `http://${host}:${port}`);
}

/**
 * Refuses requests that other web pages make a browser send. `Host` reveals a foreign name that resolves to this
 * machine (DNS rebinding); `Origin` reveals a request from a page of another origin.
 * @param port called for each request, because a free port is known only once the server listens
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
      return problem(403, 'request.forbidden', `requests from pages of ${origin} are not allowed`);
    // Images and frames on another page send no Origin. Navigation, such as a link to this server, is allowed.
    const site = context.req.header('sec-fetch-site') ?? 'none';
    const isOwn =
      site === 'same-origin' || site === 'none' || context.req.header('sec-fetch-mode') === 'navigate';
    if (!isOwn)
      return problem(403, 'request.forbidden', 'other sites may not load anything from this server');
    return next();
  };
}

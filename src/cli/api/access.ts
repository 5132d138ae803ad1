import { LITTER } from '../../core/ignored.ts';
import type { Send } from '../../ops/upload/api/client.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { findDeployment, type ConnectionOptions } from '../find-deployment.ts';
import { authorizationFor } from './authorize.ts';

/** The API responds within half a minute or not at all; this includes the transfer of the whole response. */
const ANSWER_MILLISECONDS = 120_000;

/** Sends requests to an API, each with what allows it. */
export function apiAccess(apiUrl: URL): Send {
  const authorize = authorizationFor(apiUrl);
  const base = apiUrl.href.replace(/\/$/, '');
  return async (path, { method, body }) => {
    const url = new URL(base + path);
    const headers: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const request = { method, url, headers, ...(body === undefined ? {} : { body }) };
    const allowed = await authorize(request);
    return fetch(url, {
      method,
      signal: AbortSignal.timeout(ANSWER_MILLISECONDS),
      headers: { ...headers, ...allowed },
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
    });
  };
}

/**
 * Returns the address of the API, as it was named, or of the pipeline that the options name; and the names that its
 * recipe ignores. An address alone does not tell these: they are the default ones then.
 * @throws CommandError when it is no address, or the deployment has no API
 */
export async function findApi(
  named: string | true,
  options: ConnectionOptions,
): Promise<{ url: URL; ignore: readonly string[] }> {
  if (named !== true) {
    if (URL.canParse(named) && /^https?:$/.test(new URL(named).protocol))
      return { url: new URL(named), ignore: LITTER };
    throw new CommandError(EXIT.wrongUsage, `--api: expected a URL, got "${named}"`);
  }
  const { name, deployment } = await findDeployment(options);
  if (deployment.apiUrl === undefined)
    throw new CommandError(EXIT.wrongUsage, `the deployment ${name} has no API`);
  return { url: new URL(deployment.apiUrl), ignore: deployment.ignore };
}

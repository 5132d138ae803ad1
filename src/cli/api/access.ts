import { createClient, type Client } from '../../client/client.ts';
import { responseTo } from '../../client/no-response.ts';
import { checkAnswer } from '../../contract/contract.ts';
import { DEFAULT_IGNORED } from '../../core/ignored.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { findDeployment, type ConnectionOptions } from '../find-deployment.ts';
import { authorizationFor } from './authorize.ts';

/** Returns an API client whose requests are authorized. @param stop ends its retries */
export function apiClient(apiUrl: URL, stop: AbortSignal): Client {
  const authorize = authorizationFor(apiUrl);
  return createClient({
    url: apiUrl.href,
    stop,
    check: checkAnswer,
    async fetch(url, { method, headers, body, signal }) {
      const bytes = body === undefined ? {} : { body: new TextEncoder().encode(body) };
      const allowed = await authorize({ method, url: new URL(url), headers, ...bytes });
      return responseTo(
        { method, url },
        fetch(url, { method, signal, headers: { ...headers, ...allowed }, ...bytes }),
      );
    },
  });
}

/**
 * Returns the API's address, which is given directly or found through the pipeline that the options name, and the
 * names that its recipe ignores. If only the address is given, these are the default names.
 * @throws CommandError if the address is invalid, or the deployment has no API
 */
export async function findApi(
  named: string | true,
  options: ConnectionOptions,
): Promise<{ url: URL; ignore: readonly string[] }> {
  if (named !== true) {
    if (URL.canParse(named) && /^https?:$/.test(new URL(named).protocol))
      return { url: new URL(named), ignore: DEFAULT_IGNORED };
    throw new CommandError(EXIT.wrongUsage, `--api: expected a URL, got "${named}"`);
  }
  const { name, deployment } = await findDeployment(options);
  if (deployment.apiUrl === undefined)
    throw new CommandError(EXIT.wrongUsage, `the deployment ${name} has no API`);
  return { url: new URL(deployment.apiUrl), ignore: deployment.ignore };
}

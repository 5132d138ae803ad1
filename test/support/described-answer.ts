import { isDeepStrictEqual } from 'node:util';
import { checkAnswer } from '../../src/contract/contract.ts';
import { ROUTES, type OperationId } from '../../src/contract/routes.ts';

/**
 * Sends a request to the HTTP API.
 * @throws Error if the answer is not what the contract describes, or has fields that it does not describe
 */
export async function fetchDescribed(url: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, init);
  const operation = operationOf(init.method ?? 'GET', new URL(url).pathname);
  if (operation === undefined || response.headers.get('content-type') !== 'application/json') return response;
  const answer: unknown = await response.clone().json();
  const described = checkAnswer(operation, response.status, answer);
  if (!isDeepStrictEqual(answer, described))
    throw new Error(
      `${operation} answers ${JSON.stringify(answer)}, but describes only ${JSON.stringify(described)}`,
    );
  return response;
}

/** Returns the operation for a request; undefined for a page or an unknown path. */
function operationOf(method: string, path: string): OperationId | undefined {
  const operations = Object.entries(ROUTES) as [OperationId, { method: string; path: string }][];
  // A key can contain slashes. Literal paths such as `/dead-letters/list` come first.
  const found = operations.find(
    ([, route]) =>
      route.method === method.toLowerCase() &&
      new RegExp(`^${route.path.replaceAll('{key}', '.+').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
  );
  return found?.[0];
}

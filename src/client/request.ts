import { ROUTES, type OperationId } from '../contract/routes.ts';

/** The parameters, query and body of a request, by name. */
export type Values = Readonly<Record<string, unknown>>;

/** Returns the path of a request, with its query. */
export function pathOf(id: OperationId, request: Values): string {
  const { path, method } = ROUTES[id];
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encoded(name, String(request[name])));
  if (method === 'post') return filled;
  const query = restOf(id, request).map(([name, value]): [string, string] => [name, String(value)]);
  // A signature requires spaces as %20. A plus sign in a value is already %2B.
  const text = new URLSearchParams(query).toString().replaceAll('+', '%20');
  return text === '' ? filled : `${filled}?${text}`;
}

/** Returns the body of a request as JSON, if it has one. */
export function bodyOf(id: OperationId, request: Values): string | undefined {
  return ROUTES[id].method === 'post' ? JSON.stringify(Object.fromEntries(restOf(id, request))) : undefined;
}

/** Returns everything that is not in the path. */
function restOf(id: OperationId, request: Values): [string, unknown][] {
  const { path } = ROUTES[id];
  return Object.entries(request).filter(
    ([name, value]) => value !== undefined && !path.includes(`{${name}}`),
  );
}

/** A key keeps its slashes, unless a segment between them would be resolved: `..` in a URL. */
function encoded(name: string, value: string): string {
  const text = encodeURIComponent(value);
  return name === 'key' && !/(^|%2F)\.{1,2}(%2F|$)/.test(text) ? text.replaceAll('%2F', '/') : text;
}

/** There was no response, or only a part of one. */
export class NoResponseError extends Error {
  override readonly name = 'NoResponseError';
}

/**
 * Sends a request with the global `fetch`.
 * @throws NoResponseError that names the request and says why: the error of `fetch` says neither
 */
export async function fetchOrExplain(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    // A query may hold a signature.
    const [address] = url.split('?');
    throw new NoResponseError(`${init.method ?? 'GET'} ${address}: ${reasonOf(cause)}`, { cause });
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? [String(cause.code)] : [];
  return [error.message, ...code].join(', ');
}

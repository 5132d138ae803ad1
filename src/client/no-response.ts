/** There was no response, or only a part of one. */
export class NoResponseError extends Error {
  override readonly name = 'NoResponseError';
}

/**
 * Waits for a response, or for its text.
 * @throws NoResponseError with the request and the reason, which the errors of `fetch` do not contain
 */
export async function responseTo<T>(
  { method, url }: { method: string; url: string },
  wait: Promise<T>,
): Promise<T> {
  try {
    return await wait;
  } catch (cause) {
    const address = publicAddress(url);
    throw new NoResponseError(`${method} ${address}: ${reasonOf(cause).replaceAll(url, address)}`, { cause });
  }
}

/** Returns an address without what may be secret: a signature in its query, a password. */
function publicAddress(url: string): string {
  const [address = ''] = url.split('?');
  return address.replace(/\/\/[^/]*@/, '//');
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  const why = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
  return `${error.message}, ${why}`;
}

import type { IncomingMessage } from 'node:http';

/**
 * Yields a request's body in chunks. If the reader stops early, discards the rest and keeps the connection open, so
 * that the client can read the response.
 */
export async function* chunksOf(incoming: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    yield* incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  } finally {
    incoming.resume();
  }
}

/**
 * Yields a body up to a number of bytes. Declared lengths are not enough, because a chunked body has none.
 * @throws what `tooLarge` returns
 */
export async function* limitedBody(
  body: AsyncIterable<Uint8Array>,
  mostBytes: number,
  tooLarge: () => Error,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.byteLength;
    if (bytes > mostBytes) throw tooLarge();
    yield piece;
  }
}

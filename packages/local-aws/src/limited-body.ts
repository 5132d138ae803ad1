import type { IncomingMessage } from 'node:http';

/**
 * Returns the body of a request, piece by piece. When the reader stops early, the rest is thrown away and the connection
 * stays open, so that the client gets to read the answer.
 */
export async function* chunksOf(incoming: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    yield* incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  } finally {
    incoming.resume();
  }
}

/**
 * Passes a body on as it comes, up to a number of bytes. Declared lengths are not enough: a chunked body has none.
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

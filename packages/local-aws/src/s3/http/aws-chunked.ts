import { AwsError } from '../../aws-error.ts';

const CRLF = Buffer.from('\r\n');
const LONGEST_LINE = 8192;
/** More than S3 has trailers. */
const MOST_TRAILERS = 20;

/**
 * Decodes an `aws-chunked` body: `size[;chunk-signature=...]` and data, repeated until a chunk of size 0, then the
 * trailers. Chunks may be split anywhere. Does not check the signatures, because any credentials are accepted.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 * @param onTrailer called with each trailer, its name in lower case
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Uint8Array>,
  onTrailer: (name: string, value: string) => void,
): AsyncGenerator<Uint8Array> {
  const input = source[Symbol.asyncIterator]();
  let buffered: Buffer = Buffer.alloc(0);

  async function more(): Promise<boolean> {
    const { value, done } = await input.next();
    if (done === true) return false;
    buffered =
      buffered.byteLength === 0
        ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
        : Buffer.concat([buffered, value]);
    return true;
  }

  /** Undefined at the end of the body. */
  async function line(): Promise<string | undefined> {
    for (;;) {
      const end = buffered.indexOf(CRLF);
      if (end !== -1) {
        const text = buffered.toString('latin1', 0, end);
        buffered = buffered.subarray(end + 2);
        return text;
      }
      if (buffered.byteLength > LONGEST_LINE) throw incomplete();
      if (!(await more())) return buffered.byteLength === 0 ? undefined : buffered.toString('latin1');
    }
  }

  try {
    for (;;) {
      const size = /^([0-9a-f]+)(;.*)?$/i.exec((await line()) ?? '')?.[1];
      if (size === undefined) throw incomplete();
      let left = Number.parseInt(size, 16);
      if (left === 0) break;
      while (left > 0) {
        if (buffered.byteLength === 0 && !(await more())) throw incomplete();
        const part = buffered.subarray(0, left);
        buffered = buffered.subarray(part.byteLength);
        left -= part.byteLength;
        yield part;
      }
      if ((await line()) !== '') throw incomplete();
    }
    let trailers = 0;
    for (let text = await line(); text !== undefined && text !== ''; text = await line()) {
      trailers += 1;
      if (trailers > MOST_TRAILERS) throw incomplete();
      const colon = text.indexOf(':');
      if (colon > 0) onTrailer(text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim());
    }
    // The rest must be read and discarded so that the connection can be used again.
    while (await more()) buffered = Buffer.alloc(0);
  } finally {
    // Otherwise, the rest would not be read, and the connection would hang.
    await input.return?.();
  }
}

function incomplete(): AwsError {
  return new AwsError(
    'IncompleteBody',
    400,
    'The request body terminated unexpectedly, or is not framed as aws-chunked.',
  );
}

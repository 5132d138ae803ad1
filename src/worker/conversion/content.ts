import { Rejected } from '../../core/errors.ts';
import type { Source } from '../../core/conversion.ts';
import { HEAD_BYTES, sniff } from './sniff.ts';

/** An upload's content, with its first bytes. */
export interface Content extends Pick<Source, 'stream'> {
  head: Uint8Array;
  /** The whole content, if it is in memory. */
  whole?: Uint8Array;
}

/** Returns content that is in memory. */
export function wholeContent(bytes: Uint8Array): Content {
  return {
    head: bytes.subarray(0, HEAD_BYTES),
    whole: bytes,
    async *stream() {
      yield bytes;
    },
  };
}

/** Returns content that is read while it is converted. Reads only its head. */
export async function streamedContent(body: AsyncIterable<Uint8Array>): Promise<Content> {
  const chunks = body[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  for (let length = 0; length < HEAD_BYTES;) {
    const { done, value } = await chunks.next();
    if (done === true) break;
    first.push(value);
    length += value.byteLength;
  }
  async function* stream() {
    yield* first;
    yield* { [Symbol.asyncIterator]: () => chunks };
  }
  return {
    head: Buffer.concat(first).subarray(0, HEAD_BYTES),
    stream,
  };
}

/** Returns content that can be read until the signal is aborted. Reading then fails with the signal's reason. */
export function readUntil(signal: AbortSignal, content: Content): Pick<Source, 'content' | 'stream'> {
  async function* stream() {
    for await (const chunk of content.stream()) {
      signal.throwIfAborted();
      yield chunk;
    }
  }
  return {
    stream,
    async content() {
      if (content.whole !== undefined) return content.whole;
      const all: Uint8Array[] = [];
      for await (const chunk of stream()) all.push(chunk);
      return Buffer.concat(all);
    },
  };
}

/**
 * Returns the content's type if the conversion accepts it.
 * @throws Rejected `source.empty`, `source.not_accepted`
 */
export async function acceptedType(
  { name, accepts }: Accepting,
  head: Uint8Array,
): Promise<string | undefined> {
  if (head.byteLength === 0) throw new Rejected('source.empty', 'the object has no bytes');
  const type = await sniff(head);
  if (accepts === undefined) return type;
  if (typeof accepts === 'function' ? accepts(head) : accepts.some((each) => matches(each, type)))
    return type;
  const expected = typeof accepts === 'function' ? '' : `; expected ${accepts.join(', ')}`;
  throw new Rejected(
    'source.not_accepted',
    `the content is ${type ?? 'of an unknown format'}, which the conversion ${name} does not accept${expected}`,
  );
}

interface Accepting {
  name: string;
  accepts: readonly string[] | ((head: Uint8Array) => boolean) | undefined;
}

function matches(accepted: string, type: string | undefined): boolean {
  return accepted.endsWith('/*') ? type?.startsWith(accepted.slice(0, -1)) === true : accepted === type;
}

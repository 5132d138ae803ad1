import { streamedContent, wholeContent, type Content } from '../worker/conversion/content.ts';

/** Content in chunks. */
export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** An upload for a conversion. */
export interface Source {
  key: string;
  bytes: number;
  /** Opens the content. @param streams whether the conversion reads it as a stream */
  open(streams: boolean): Promise<Content>;
}

/** The usual size of a chunk from S3. */
const CHUNK_BYTES = 65_536;

/** Returns a source with this content. It does not copy the bytes, so the conversion could modify them. */
export function sourceOf(key: string, bytes: Uint8Array, chunkBytes = CHUNK_BYTES): Source {
  const open = async (streams: boolean) =>
    streams ? streamedContent(cut(bytes, chunkBytes)) : wholeContent(bytes);
  return { key, bytes: bytes.byteLength, open };
}

/** Returns a source that can only be read as a stream. */
export function streamOf(key: string, bytes: number, chunks: Chunks): Source {
  return { key, bytes, open: () => streamedContent(each(chunks)) };
}

async function* cut(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

async function* each(chunks: Chunks): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

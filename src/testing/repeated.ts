import type { Sample } from './samples.ts';

/** About the size of a chunk from S3. */
const CHUNK_BYTES = 65_536;

/**
 * Yields chunks that repeat a sample up to this many bytes. The first line of text is not repeated, because it may be
 * a table's header.
 */
export function* repeated({ bytes }: Sample, total: number): Generator<Uint8Array> {
  const [first, again] = isText(bytes) ? linesOf(bytes) : [bytes, bytes];
  const times = Math.max(1, Math.ceil(CHUNK_BYTES / again.byteLength));
  const chunk = Buffer.concat(Array.from({ length: times }, () => again));
  yield first;
  // Each chunk is a copy, because it belongs to the reader.
  for (let sent = first.byteLength; sent < total; sent += chunk.byteLength) yield Buffer.from(chunk);
}

function isText(bytes: Uint8Array): boolean {
  return !bytes.subarray(0, CHUNK_BYTES).includes(0);
}

/** Returns the first line and the remaining lines, both with a final line break. */
function linesOf(bytes: Uint8Array): [Uint8Array, Uint8Array] {
  const ended = bytes.at(-1) === 0x0a ? bytes : Buffer.concat([bytes, Buffer.from('\n')]);
  const end = ended.indexOf(0x0a) + 1;
  return end < ended.byteLength ? [ended.subarray(0, end), ended.subarray(end)] : [ended, ended];
}

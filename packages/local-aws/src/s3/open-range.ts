import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { DamagedContent } from '../disk-trouble.ts';
import type { BlobStore } from './blobs.ts';
import type { Segment } from './version.ts';

/** A range of bytes. */
export interface Range {
  begin: number;
  /** Inclusive; less than `begin` if the range is empty. */
  end: number;
}

/**
 * Opens the parts of a range, and keeps them until they are read, even if the object is deleted. Opens the first part
 * at once, so that a missing file fails before the response.
 */
export async function openRange(
  segments: readonly Segment[],
  range: Range,
  blobs: BlobStore,
): Promise<Readable> {
  const parts: { segment: Segment; begin: number; end: number }[] = [];
  let offset = 0;
  for (const segment of segments) {
    const begin = Math.max(range.begin - offset, 0);
    const end = Math.min(range.end - offset, segment.bytes - 1);
    if (begin <= end) parts.push({ segment, begin, end });
    offset += segment.bytes;
  }
  const [first, ...rest] = parts;
  if (first === undefined) return Readable.from([]);
  const release = blobs.hold(segments);
  let opened: Readable;
  try {
    opened = await blobs.read(first.segment, first.begin, first.end);
  } catch (error) {
    release();
    throw error;
  }
  const whole = Readable.from(
    (async function* () {
      yield* exactly(opened, first);
      for (const part of rest) yield* exactly(await blobs.read(part.segment, part.begin, part.end), part);
    })(),
    { objectMode: false },
  );
  // Even if reading never began.
  return whole.once('close', () => {
    opened.destroy();
    release();
  });
}

/**
 * Fails if a content ends early, because the client would wait for more, and before the last bytes of a content that
 * differs from what was stored. Ranges have no checksum.
 */
async function* exactly(
  content: AsyncIterable<Uint8Array>,
  { segment, begin, end }: { segment: Segment; begin: number; end: number },
): AsyncGenerator<Uint8Array> {
  let left = end - begin + 1;
  const expected = left === segment.bytes ? segment.crc32 : undefined;
  let sum = 0;
  for await (const chunk of content) {
    left -= chunk.byteLength;
    if (expected !== undefined) sum = crc32(chunk, sum);
    if (left === 0 && expected !== undefined && sum !== expected)
      throw new DamagedContent(`the content ${segment.id} differs from what was stored`);
    yield chunk;
  }
  if (left > 0) throw new DamagedContent(`the content ${segment.id} lacks its last ${left} bytes`);
}

import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { MadeResult } from '../../core/conversion.ts';
import type { Scratch } from './scratch.ts';

/** A result of known length, as S3 requires. */
export type ReadyResult = Omit<MadeResult, 'body'> & { body: Uint8Array | { file: string } };

/** Writes a result to a file chunk by chunk, so that only a few chunks are in memory at once. */
export async function spooled(result: MadeResult, scratch: Scratch): Promise<ReadyResult> {
  const { body } = result;
  if (body instanceof Uint8Array || 'file' in body) return { ...result, body };
  const file = join(await scratch.folder(), `result-${result.rendition}`);
  await pipeline(Readable.from(body), createWriteStream(file));
  return { ...result, body: { file } };
}

import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { StoredContent } from '../s3/model/contents.ts';
import type { Segment } from '../s3/version.ts';
import { fileSizes } from './file-sizes.ts';

/** The files in the contents folder, compared with the journal. */
export interface ContentsFound {
  files: number;
  /** Objects and parts in the journal. */
  objects: number;
  /** Files with one of our names that belong to no object. */
  unknown: string[];
  /** Objects and parts with missing bytes. */
  incomplete: { content: StoredContent; why: string }[];
}

/** Files with other names do not belong to this package and are not touched. */
const OURS = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Lists our files in the contents folder: their sizes in bytes, by name. */
export function listContents(folder: string): Promise<ReadonlyMap<string, number>> {
  return fileSizes(folder, OURS);
}

/** Compares the sizes of all contents with those in the journal, and with `verify` their bytes. */
export async function compareContents(
  folder: string,
  files: ReadonlyMap<string, number>,
  stored: Iterable<StoredContent>,
  verify: boolean,
): Promise<ContentsFound> {
  const unknown = new Set(files.keys());
  const incomplete: ContentsFound['incomplete'] = [];
  let objects = 0;
  for (const content of stored) {
    objects += 1;
    for (const { id } of content.segments) unknown.delete(id);
    for (const segment of content.segments) {
      const size = files.get(segment.id);
      let why: string | undefined;
      if (size === undefined) why = 'its content is missing';
      else if (size !== segment.bytes) why = `it has ${size} of ${segment.bytes} bytes`;
      else if (verify && (await differs(folder, segment))) why = 'its content differs from what was stored';
      if (why === undefined) continue;
      incomplete.push({ content, why });
      break;
    }
  }
  return { files: files.size, objects, unknown: [...unknown], incomplete };
}

/** Returns whether a content differs from what was stored. Earlier versions stored no checksum. */
async function differs(folder: string, { id, crc32: expected }: Segment): Promise<boolean> {
  if (expected === undefined) return false;
  let sum = 0;
  for await (const chunk of createReadStream(join(folder, id)) as AsyncIterable<Buffer>)
    sum = crc32(chunk, sum);
  return sum !== expected;
}

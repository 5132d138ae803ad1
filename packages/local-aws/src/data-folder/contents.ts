import { createReadStream, lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { StoredContent } from '../s3/model/contents.ts';
import type { Segment } from '../s3/version.ts';

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

/** Compares the sizes of all contents with those in the journal, and with `verify` their bytes. */
export async function compareContents(
  folder: string,
  stored: Iterable<StoredContent>,
  verify: boolean,
): Promise<ContentsFound> {
  const files = new Set((await readdir(folder)).filter((name) => OURS.test(name)));
  const known = new Set<string>();
  const incomplete: ContentsFound['incomplete'] = [];
  let objects = 0;
  for (const content of stored) {
    objects += 1;
    for (const { id } of content.segments) known.add(id);
    for (const segment of content.segments) {
      const size = sizeOf(folder, segment.id, files);
      let why: string | undefined;
      if (size === undefined) why = 'its content is missing';
      else if (size !== segment.bytes) why = `it has ${size} of ${segment.bytes} bytes`;
      else if (verify && (await differs(folder, segment))) why = 'its content differs from what was stored';
      if (why === undefined) continue;
      incomplete.push({ content, why });
      break;
    }
  }
  const unknown = [...files].filter((name) => !known.has(name));
  return { files: files.size, objects, unknown, incomplete };
}

/** Returns the number of our contents in a folder. */
export async function countContents(folder: string): Promise<number> {
  return (await readdir(folder)).filter((name) => OURS.test(name)).length;
}

/** Returns whether a content differs from what was stored. Earlier versions stored no checksum. */
async function differs(folder: string, { id, crc32: expected }: Segment): Promise<boolean> {
  if (expected === undefined) return false;
  let sum = 0;
  for await (const chunk of createReadStream(join(folder, id)) as AsyncIterable<Buffer>)
    sum = crc32(chunk, sum);
  return sum !== expected;
}

function sizeOf(folder: string, id: string, files: ReadonlySet<string>): number | undefined {
  return files.has(id) ? lstatSync(join(folder, id)).size : undefined;
}

import { lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredContent } from '../s3/model.ts';

/** What the folder of contents holds, against what the journal says of it. */
export interface ContentsFound {
  files: number;
  /** Objects and parts that the journal has. */
  objects: number;
  /** Files with a name of ours that no object has. */
  unknown: string[];
  /** Objects and parts whose bytes are not all there. */
  incomplete: { content: StoredContent; why: string }[];
}

/** Files of other names were put there by somebody else, and are left alone. */
const OURS = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Compares the sizes of all contents with those in the journal. Reads no content. */
export async function compareContents(
  folder: string,
  stored: Iterable<StoredContent>,
): Promise<ContentsFound> {
  const files = new Set((await readdir(folder)).filter((name) => OURS.test(name)));
  const known = new Set<string>();
  const incomplete: ContentsFound['incomplete'] = [];
  let objects = 0;
  for (const content of stored) {
    objects += 1;
    for (const { id } of content.segments) known.add(id);
    const bad = content.segments.find(({ id, bytes }) => sizeOf(folder, id, files) !== bytes);
    if (bad === undefined) continue;
    const size = sizeOf(folder, bad.id, files);
    const why = size === undefined ? 'its content is missing' : `it has ${size} of ${bad.bytes} bytes`;
    incomplete.push({ content, why });
  }
  const unknown = [...files].filter((name) => !known.has(name));
  return { files: files.size, objects, unknown, incomplete };
}

/** How many contents of ours a folder has. */
export async function countContents(folder: string): Promise<number> {
  return (await readdir(folder)).filter((name) => OURS.test(name)).length;
}

function sizeOf(folder: string, id: string, files: ReadonlySet<string>): number | undefined {
  return files.has(id) ? lstatSync(join(folder, id)).size : undefined;
}

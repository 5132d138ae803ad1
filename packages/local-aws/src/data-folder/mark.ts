import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { DataFolderError } from './error.ts';
import type { FolderKind } from './kind.ts';
import { isMissing } from '../is-missing.ts';
import { syncFolder } from './sync-folder.ts';

const FORMAT = 1;

const markSchema = z.object({ format: z.int().min(1) });

const SHOWN_NAMES = 5;

/**
 * A folder's state, by its mark.
 * - `new`: it is empty
 * - `marked`: it has the mark of this version
 * - `unmarked`: it has the layout of a data folder, but no mark
 * - `unreadable`: its mark is damaged
 */
export type Mark = 'new' | 'marked' | 'unmarked' | 'unreadable';

/**
 * Returns whether a folder is a data folder of a kind. Changes nothing.
 * @throws DataFolderError if it has other contents or was written by a later version
 */
export async function readMark(folder: string, kind: FolderKind): Promise<Mark> {
  const { mark: file, product, unmarkedLayout = [] } = kind;
  const names = (await listOrNothing(folder)).filter((name) => name !== draftOf(kind));
  if (names.length === 0) return 'new';
  if (!names.includes(file)) {
    const hasJournal = (await listOrNothing(join(folder, 'journal'))).length > 0;
    const isLayout = unmarkedLayout.length > 0 && unmarkedLayout.every((name) => names.includes(name));
    if (hasJournal && isLayout) return 'unmarked';
    const more = names.length > SHOWN_NAMES ? ` and ${names.length - SHOWN_NAMES} more` : '';
    throw new DataFolderError(
      'foreign',
      `${folder} is not a ${product} data folder: it has no ${file}, and contains ${names.toSorted().slice(0, SHOWN_NAMES).join(', ')}${more}; choose an empty or a new folder`,
    );
  }
  const mark = markSchema.safeParse(parseJson(await readFile(join(folder, file), 'utf8')));
  if (!mark.success) return 'unreadable';
  if (mark.data.format > FORMAT)
    throw new DataFolderError(
      'foreign',
      `${folder} was written by a later version of ${product} (format ${mark.data.format}; this version reads ${FORMAT}); update ${product}`,
    );
  return 'marked';
}

/** Marks a folder as a data folder of a kind. The mark survives a power cut. */
export async function writeMark(folder: string, kind: FolderKind): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draftFile = join(folder, draftOf(kind));
  const draft = await open(draftFile, 'w', 0o600);
  try {
    await draft.writeFile(`${JSON.stringify({ about: kind.about, format: FORMAT })}\n`);
    await draft.sync();
  } finally {
    await draft.close();
  }
  await rename(draftFile, join(folder, kind.mark));
  await syncFolder(folder);
}

function draftOf({ mark }: FolderKind): string {
  return `${mark}.new`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Returns the names in a folder, or none if it does not exist. */
export async function listOrNothing(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { DataFolderError } from './error.ts';
import { isMissing } from '../is-missing.ts';
import { syncFolder } from './sync-folder.ts';

const MARK = 'millrace.json';
const DRAFT = `${MARK}.new`;
const FORMAT = 1;

const markSchema = z.object({ format: z.int().min(1) });

/** Earlier versions left no mark. Their folders have all of these. */
const EARLIER_LAYOUT = ['journal', 'blobs', 'logs'];
const SHOWN_NAMES = 5;

/**
 * What a folder is, by its mark.
 * - `new`: there is nothing in it
 * - `marked`: it has the mark of this version
 * - `unmarked`: it has the layout of a data folder, and no mark
 * - `unreadable`: its mark is damaged
 */
export type Mark = 'new' | 'marked' | 'unmarked' | 'unreadable';

/**
 * Tells whether a folder is a Millrace data folder. Changes nothing.
 * @throws DataFolderError when it is somebody else's, or of a later version
 */
export async function readMark(folder: string): Promise<Mark> {
  const names = (await listOrNothing(folder)).filter((name) => name !== DRAFT);
  if (names.length === 0) return 'new';
  if (!names.includes(MARK)) {
    const hasJournal = (await listOrNothing(join(folder, 'journal'))).length > 0;
    if (hasJournal && EARLIER_LAYOUT.every((name) => names.includes(name))) return 'unmarked';
    const more = names.length > SHOWN_NAMES ? ` and ${names.length - SHOWN_NAMES} more` : '';
    throw new DataFolderError(
      'foreign',
      `${folder} is not a Millrace data folder: it has no ${MARK}, and contains ${names.toSorted().slice(0, SHOWN_NAMES).join(', ')}${more}; choose an empty or a new folder`,
    );
  }
  const mark = markSchema.safeParse(parseJson(await readFile(join(folder, MARK), 'utf8')));
  if (!mark.success) return 'unreadable';
  if (mark.data.format > FORMAT)
    throw new DataFolderError(
      'foreign',
      `${folder} was written by a later version of Millrace (format ${mark.data.format}; this version reads ${FORMAT}); update Millrace`,
    );
  return 'marked';
}

/** Marks a folder as a Millrace data folder. The mark survives a power cut. */
export async function writeMark(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = await open(join(folder, DRAFT), 'w', 0o600);
  try {
    const about = 'The data of a local Millrace pipeline. Keep its files together; change none by hand.';
    await draft.writeFile(`${JSON.stringify({ about, format: FORMAT })}\n`);
    await draft.sync();
  } finally {
    await draft.close();
  }
  await rename(join(folder, DRAFT), join(folder, MARK));
  await syncFolder(folder);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Returns the names in a folder; none if there is no folder. */
export async function listOrNothing(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

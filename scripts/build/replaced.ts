import { readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { writeIfOther } from './outputs.ts';

/** Longer than programs run in a checkout that is rebuilt. */
const WEEK_MILLISECONDS = 7 * 24 * 60 * 60 * 1000;

/** Lists the files that earlier builds left, so that npm does not pack them. */
export const REPLACED = '.npmignore';

/**
 * Removes files that were replaced more than a week ago. Keeps newer ones, because a running program may load them
 * later. A file's modification time is when it was replaced.
 * @param left files that are not in the folder's latest build: paths with slashes, relative to the folder
 */
export async function removeReplaced(folder: string, left: readonly string[]): Promise<void> {
  const list = join(folder, REPLACED);
  const known = new Set((await readFile(list, 'utf8').catch(() => '')).split('\n'));
  const kept: string[] = [];
  for (const path of left) {
    const line = `/${path}`;
    const file = join(folder, path);
    if (!known.has(line)) await utimes(file, new Date(), new Date());
    else if (Date.now() - (await stat(file)).mtimeMs > WEEK_MILLISECONDS) {
      await rm(file, { force: true });
      continue;
    }
    kept.push(line);
  }
  await writeIfOther(list, kept.toSorted().join('\n'));
}

import { readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { writeIfOther } from './outputs.ts';

/** Longer than a program in a checkout runs, and rebuilt meanwhile. */
const WEEK_MILLISECONDS = 7 * 24 * 60 * 60 * 1000;

/** Names what earlier builds left, so that it is not packed either. */
export const REPLACED = '.npmignore';

/**
 * Removes files that builds of the last week do not have. Newer ones stay, because a program that was started before
 * may have yet to load them. A file's time is when it was replaced.
 * @param left files that the latest build of the folder does not have: paths with slashes, relative to the folder
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

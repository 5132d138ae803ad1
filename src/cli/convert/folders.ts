import { randomUUID } from 'node:crypto';
import { access, mkdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { messageOf } from '../../core/message-of.ts';
import { CommandError, EXIT } from '../exit-codes.ts';

export interface Folders {
  /** Folder of the sources. */
  from: string;
  /** Folder of the results. */
  to: string;
  /** Whether `to` distinguishes `A.jpg` from `a.jpg`, and a composed `é` from a decomposed one. */
  tellsNamesApart: boolean;
}

/**
 * Resolves the two folders of a conversion, and creates the result folder. Neither may contain the other: results would
 * replace sources, or become sources of the next run. Folders are compared by identity, not by name, so links and
 * file systems that ignore case make no difference.
 * @throws CommandError if a folder cannot be used, before anything is converted
 */
export async function prepareFolders(dir: string, out: string): Promise<Folders> {
  const from = await sourceFolder(dir);
  await keepApart(from, dir, out);
  return { from, ...(await resultFolder(out)) };
}

async function sourceFolder(dir: string): Promise<string> {
  const stats = await stat(dir).catch(() => undefined);
  if (stats === undefined) throw new CommandError(EXIT.wrongUsage, `there is no folder ${dir}`);
  if (!stats.isDirectory()) throw new CommandError(EXIT.wrongUsage, `${dir} is not a folder`);
  return realpath(dir);
}

async function keepApart(from: string, dir: string, out: string): Promise<void> {
  const sources = await lineage(from);
  const results = await lineage(out);
  const [source = ''] = sources;
  const isThere = await access(out).then(
    () => true,
    () => false,
  );
  const [result] = isThere ? results : [];
  if (result === source)
    throw new CommandError(
      EXIT.wrongUsage,
      `--out must be a different folder from ${dir}: results would replace sources`,
    );
  if (results.includes(source))
    throw new CommandError(
      EXIT.wrongUsage,
      `--out ${out} is inside ${dir}: its results would be sources of the next run; choose a folder beside it`,
    );
  if (result !== undefined && sources.includes(result))
    throw new CommandError(
      EXIT.wrongUsage,
      `--out ${out} contains ${dir}: results could replace sources; choose a folder beside it`,
    );
}

/** Returns the identities of a folder and of all folders above it. Starts with the first folder that exists. */
async function lineage(path: string): Promise<string[]> {
  const identities: string[] = [];
  for (let at = await nearest(path); ; at = dirname(at)) {
    const { dev, ino } = await stat(at, { bigint: true });
    identities.push(`${dev}:${ino}`);
    if (at === dirname(at)) return identities;
  }
}

/** Returns the real path of a file or folder, or of the first folder above it that exists. */
export async function nearest(path: string): Promise<string> {
  for (let at = resolve(path); ; at = dirname(at)) {
    try {
      return await realpath(at);
    } catch (error) {
      if (at === dirname(at)) throw error;
    }
  }
}

/**
 * Creates a folder and its parents. Node's recursive `mkdir` never ends if a file system refuses new folders with
 * ENOENT, as /proc does.
 */
export async function createFolder(path: string): Promise<void> {
  try {
    if ((await stat(path)).isDirectory()) return;
  } catch {
    await createFolder(dirname(path));
  }
  try {
    await mkdir(path);
  } catch (error) {
    // Another process may have created it first.
    if (!(await stat(path).catch(() => undefined))?.isDirectory()) throw error;
  }
}

/**
 * Returns whether a folder distinguishes letter case and Unicode composition.
 * @param name of a file in the folder. It contains `millrace`, because some file systems ignore the case of ASCII
 *   letters only, and a precomposed `é`
 * @param isThere whether the folder finds a file under this name
 */
export async function tellsApart(
  name: string,
  isThere: (other: string) => Promise<boolean>,
): Promise<boolean> {
  const others = [name.replace('millrace', 'MILLRACE'), name.normalize('NFD')];
  const found = await Promise.all(others.map(isThere));
  return !found.includes(true);
}

async function resultFolder(out: string): Promise<Omit<Folders, 'from'>> {
  try {
    await createFolder(resolve(out));
    const to = await realpath(out);
    const name = `.millrace-\u00e9-${randomUUID()}`;
    await writeFile(join(to, name), '', { flag: 'wx' });
    try {
      const isThere = (other: string) =>
        stat(join(to, other)).then(
          () => true,
          () => false,
        );
      return { to, tellsNamesApart: await tellsApart(name, isThere) };
    } finally {
      await rm(join(to, name), { force: true });
    }
  } catch (cause) {
    throw new CommandError(EXIT.wrongUsage, `--out ${out} cannot be written to: ${messageOf(cause)}`, {
      cause,
    });
  }
}

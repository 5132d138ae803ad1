import { join, relative, sep } from 'node:path';
import { stat } from 'node:fs/promises';
import { ignoringNames } from '../../core/ignored.ts';
import type { Recipe } from '../../core/recipe.ts';
import { walkFolder } from '../upload/walk-folder.ts';
import { collisions } from './collisions.ts';
import type { FileOutcome } from './convert-job.ts';
import type { Folders } from './folders.ts';
import type { ResultFolder } from './result-folder.ts';
import { resultPaths, type ResultPaths } from './result-paths.ts';

export interface Plan {
  /** Keys of the files to convert: their paths in the folder, with `/` between the parts. */
  keys: string[];
  paths: ResultPaths;
  /** Files that are known to fail before the conversion starts. */
  failed: Extract<FileOutcome, { type: 'failed' }>[];
  /** Number of files whose results already exist. */
  skipped: number;
  /** Number of files whose names the recipe ignores. */
  ignored: number;
  /** Whether planning finished. If not, the plan has the files that were found before it was stopped. */
  complete: boolean;
}

export interface PlanOptions {
  followLinks: boolean;
  /** Skips files whose results all exist and are not older than the file. */
  skipExisting: boolean;
  /** Ends the planning. */
  stop: AbortSignal;
}

/** Decides which files in a folder to convert. */
export async function planConversion(
  { from, to, tellsNamesApart }: Folders,
  results: ResultFolder,
  recipe: Recipe,
  { followLinks, skipExisting, stop }: PlanOptions,
): Promise<Plan> {
  const failed: Plan['failed'] = [];
  const fail = (key: string, code: string, message: string) =>
    void failed.push({ type: 'failed', key, code, message });
  let ignored = 0;
  const isIgnored = ignoringNames(recipe.ignore);
  const found = await walkFolder(from, {
    ignores(path) {
      const ignores = isIgnored(path);
      if (ignores) ignored += 1;
      return ignores;
    },
    followLinks,
    stop,
    // Through a link to it, results could replace sources or become sources.
    avoid: to,
    onSkipped({ path, reason }) {
      fail(relative(from, path).split(sep).join('/') || '.', 'file.unreadable', reason);
    },
  });
  const merged = tellsNamesApart ? new Map<string, string>() : collisions(found);
  const paths = resultPaths(
    found.filter((key) => !merged.has(key)),
    recipe,
    tellsNamesApart,
  );
  for (const [key, first] of merged)
    fail(
      key,
      'file.collides',
      `its result would replace the result of ${first}: the result folder does not distinguish their names`,
    );
  for (const [key, other] of paths.colliding)
    fail(key, 'file.collides', `its result would replace ${other}: rename one of them`);
  const keys: string[] = [];
  let skipped = 0;
  for (const key of found) {
    if (stop.aborted) break;
    if (merged.has(key) || paths.colliding.has(key)) continue;
    if (skipExisting && (await isConverted(from, key, results, paths))) skipped += 1;
    else keys.push(key);
  }
  return { keys, paths, failed, skipped, ignored, complete: !stop.aborted };
}

async function isConverted(
  from: string,
  key: string,
  results: ResultFolder,
  paths: ResultPaths,
): Promise<boolean> {
  const file = await stat(join(from, ...key.split('/'))).catch(() => undefined);
  if (file === undefined) return false;
  // A copied or moved file keeps its modification time, and may have the name of an earlier file's result.
  const changedAt = Math.max(file.mtimeMs, file.ctimeMs);
  for (const path of paths.of(key)) {
    const storedAt = await results.storedAt(path);
    if (storedAt === undefined || storedAt < changedAt) return false;
  }
  return true;
}

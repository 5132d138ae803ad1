import { createLineFile } from '../../ops/line-file.ts';
import type { Former, Orphan } from '../../ops/orphans/orphan.ts';
import { removeOrphans, type Removal } from './remove-orphans.ts';
import { connected, type Connection, type ConnectionOptions } from '../connection.ts';
import { fileFailure } from '../file-failure.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { count, quantity } from '../format.ts';
import { interruptible } from '../interrupt.ts';
import { hint, print, printJson } from '../output.ts';
import { showProgress } from '../progress.ts';
import { hintUnknown, NOTHING_FOUND, type Search } from './found.ts';
import { printFound } from './list.ts';

interface Options extends ConnectionOptions {
  export?: string;
  dryRun?: true;
  yes?: true;
  json?: true;
}

/**
 * Deletes what a search finds: `millrace backfill --orphans` and `--former`. Without `--yes`, lists what it would
 * delete.
 */
export async function deleteFound(prefix: string, search: Search, options: Options): Promise<void> {
  const { export: file, dryRun, yes, json } = options;
  const isPlan = dryRun === true || yes !== true;
  if (!isPlan && file === undefined)
    throw new CommandError(
      EXIT.wrongUsage,
      `${search.option} deletes only what a file says: name a new one with --export`,
    );
  await connected(options, (pipeline) =>
    isPlan || file === undefined
      ? plan(pipeline, prefix, search, json)
      : run(pipeline, prefix, search, file, json),
  );
}

async function plan(
  pipeline: Connection,
  prefix: string,
  search: Search,
  json: true | undefined,
): Promise<void> {
  const found = { ...NOTHING_FOUND };
  for await (const each of search.find(pipeline, prefix, found)) printFound(each, json);
  if (json) return printJson({ type: 'summary', basis: 'objects', ...found, removed: 0, kept: 0, queued: 0 });
  print(`would delete ${search.describe(found)}`);
  hintUnknown(search, found);
  if (found.results + found.reports > 0) hint('to delete them: --export FILE --yes');
}

async function run(
  pipeline: Connection,
  prefix: string,
  search: Search,
  path: string,
  json: true | undefined,
): Promise<void> {
  const stop = interruptible();
  const found = { ...NOTHING_FOUND };
  let removed = 0;
  const file = await createLineFile<Orphan | Former>(path).catch(fileFailure(path));
  const hide = showProgress(() => `${count(removed)} deleted`);
  let removal: Removal;
  try {
    removal = await removeOrphans(pipeline, search.find(pipeline, prefix, found), file, stop, (now) => {
      removed = now.removed;
    });
  } finally {
    hide();
    await file.close();
  }
  const { kept, queued } = removal;
  if (json) printJson({ type: 'summary', basis: 'objects', ...found, ...removal, file: path });
  else {
    const listed = removal.removed > 0 ? `, listed in ${path}` : '';
    print(`${quantity(removal.removed, 'object')} deleted${listed}`);
    const isOrphans = search.option === '--orphans';
    if (kept > 0)
      hint(`kept, because ${isOrphans ? 'their upload came back' : 'they have changed'}: ${count(kept)}`);
    if (queued > 0)
      hint(
        isOrphans
          ? `queued again, because their upload came back during the deletion: ${count(queued)}`
          : `${quantity(queued, 'upload')} queued: the worker makes what the present rules name, if it is not there`,
      );
    hintUnknown(search, found);
  }
  if (stop.aborted)
    throw new CommandError(
      EXIT.interrupted,
      'interrupted; the same command with another file deletes the rest',
    );
}

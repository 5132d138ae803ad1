import { once } from 'node:events';
import { lstatSync, readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** Up to this number of files, starting a thread would take longer than listing them. */
const FEW = 10_000;

/** tsx wraps functions in this helper to keep their names. */
const PRELUDE = 'var __name = (wrapped) => wrapped;';

interface Listed {
  /** Separated by line breaks, because a list of a million texts takes long to pass to another thread. */
  names: string;
  /** In the order of the names. */
  sizes: Float64Array;
}

/**
 * Returns the sizes of a folder's files whose names match, in bytes by name. Lists many files in a thread: a million
 * take several seconds, in which this thread can read the journal. @param few how many are listed without a thread
 */
export async function fileSizes(folder: string, pattern: RegExp, few = FEW): Promise<Map<string, number>> {
  const isHere = (await readdir(folder)).length <= few;
  const { names, sizes } = isHere
    ? list({ readdirSync, lstatSync, join }, folder, pattern)
    : await inThread(folder, pattern);
  const byName = new Map<string, number>();
  if (names !== '')
    for (const [index, name] of names.split('\n').entries()) byName.set(name, sizes[index] ?? 0);
  return byName;
}

interface Files {
  readdirSync: (folder: string) => string[];
  lstatSync: (file: string) => { size: number };
  join: (folder: string, name: string) => string;
}

/** Uses nothing but its parameters, because the thread gets it as text. */
function list(
  { readdirSync: read, lstatSync: look, join: inFolder }: Files,
  folder: string,
  pattern: RegExp,
): Listed {
  const names = read(folder).filter((name) => pattern.test(name));
  return {
    names: names.join('\n'),
    sizes: Float64Array.from(names, (name) => look(inFolder(folder, name)).size),
  };
}

async function inThread(folder: string, pattern: RegExp): Promise<Listed> {
  const program = `${PRELUDE}
    const { parentPort, workerData } = require('node:worker_threads');
    const listed = (${list.toString()})({ ...require('node:fs'), ...require('node:path') }, workerData.folder, workerData.pattern);
    parentPort.postMessage(listed, [listed.sizes.buffer]);`;
  // With the options of this process, such as `--input-type=module`, the program might not run.
  const thread = new Worker(program, { eval: true, workerData: { folder, pattern }, execArgv: [] });
  // Rejects with the thread's error.
  const [listed] = (await once(thread, 'message')) as [Listed];
  return listed;
}

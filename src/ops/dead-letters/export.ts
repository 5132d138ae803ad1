import { defined } from '../../core/defined.ts';
import type { OpsContext } from '../context.ts';
import { createLineFile, type LineFile } from '../line-file.ts';
import { copyOf, type DeadLetterCopy } from './copy.ts';
import { matches, type Filter } from './filter.ts';
import { retentionOf } from './groups.ts';
import { listDeadLetters } from './list.ts';
import { takeDeadLetters, type Taken } from './take.ts';

/**
 * Copies dead letters into a new file, one JSON line each. They stay in the queue.
 * @returns how many
 * @throws the file system's error; `EEXIST` if the file exists
 */
export async function exportDeadLetters(ops: OpsContext, filter: Filter, path: string): Promise<number> {
  const retention = await retentionOf(ops);
  const file = await createLineFile<DeadLetterCopy>(path);
  let count = 0;
  try {
    for await (const letter of listDeadLetters(ops)) {
      if (!matches(letter, filter)) continue;
      await file.add([copyOf(letter, retention)]);
      count += 1;
    }
    await file.sync();
    return count;
  } finally {
    await file.close();
  }
}

/**
 * Deletes dead letters, each only after its copy is on disk.
 * @throws the file system's error; `EEXIST` if the file exists
 */
export async function purgeDeadLetters(
  ops: OpsContext,
  filter: Filter,
  path: string,
  stop?: AbortSignal,
): Promise<Taken> {
  const file = await createLineFile<DeadLetterCopy>(path);
  try {
    return await purgeInto(ops, filter, file, stop);
  } finally {
    await file.close();
  }
}

/** Does the same with a file that is already open. */
export async function purgeInto(
  ops: OpsContext,
  filter: Filter,
  file: Pick<LineFile<DeadLetterCopy>, 'add' | 'sync'>,
  stop?: AbortSignal,
): Promise<Taken> {
  const retention = await retentionOf(ops);
  return takeDeadLetters(ops, {
    filter,
    pollers: 1,
    ...defined({ stop }),
    async handle(letters) {
      await file.add(letters.map((letter) => copyOf(letter, retention)));
      await file.sync();
      return new Set(letters.map(({ id }) => id));
    },
  });
}

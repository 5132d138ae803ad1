import { defined } from '../core/defined.ts';
import { runBackfill } from './backfill.ts';
import type { OpsContext } from './context.ts';
import { findOrphans } from './orphans/find-orphans.ts';
import type { Orphan } from './orphans/orphan.ts';

/** The result of a search for deleted uploads. */
export interface Deletions {
  /** Results and failure reports whose upload was deleted; the worker deletes them. */
  queued: number;
  /** If the search was stopped, the key to continue after: all keys up to it are done. */
  goOnAfter?: string;
}

/**
 * Queues deleted uploads that still have results or a failure report, in a pipeline that deletes results with their
 * uploads: the deletion's notification was lost or never sent. Relies on listings and uses constant memory.
 * @param options.after only keys after this one
 * @throws the SDK's error; uploads queued before stay queued
 */
export async function queueDeleted(
  ops: OpsContext,
  { after, stop }: { after?: string | undefined; stop: AbortSignal },
): Promise<Deletions> {
  if (ops.deployment.whenDeleted === 'keep') return { queued: 0 };
  let last = after ?? '';
  let complete = false;

  async function* deleted(): AsyncGenerator<Orphan['source']> {
    let queued: Orphan['source'] | undefined;
    for await (const found of findOrphans(ops.s3, ops.deployment, '', defined({ after }))) {
      const { source } = found;
      if (source === undefined) continue;
      // Several buckets may have the same key. The next run begins after that key, so this run handles all of them.
      if (stop.aborted && source.key !== last) return;
      last = source.key;
      if (found.type !== 'orphan' || isSame(source, queued)) continue;
      queued = source;
      yield source;
    }
    complete = true;
  }

  const queued = await runBackfill(ops, deleted(), new AbortController().signal);
  return { queued, ...(complete ? {} : { goOnAfter: last }) };
}

/** An upload can have several results. */
function isSame(a: Orphan['source'], b: Orphan['source'] | undefined): boolean {
  return a.bucket === b?.bucket && a.key === b.key;
}

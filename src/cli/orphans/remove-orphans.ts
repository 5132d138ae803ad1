import pLimit from 'p-limit';
import { deleteIf } from '../../core/compare-and-set.ts';
import { runBackfill } from '../../ops/backfill.ts';
import type { OpsContext } from '../../ops/context.ts';
import type { LineFile } from '../../ops/line-file.ts';
import { head } from '../../ops/object-status.ts';
import type { Former, Orphan } from '../../ops/orphans/orphan.ts';

/** The outcome of a removal. */
export interface Removal {
  removed: number;
  /** Results that were not deleted, because another object had replaced them. */
  kept: number;
  /** Sources that were back when their result was removed, and were queued for conversion. */
  queued: number;
}

/** Lines that are written together, before the first of their objects is deleted. */
const PORTION = 100;
const DELETIONS_AT_ONCE = 16;

/**
 * Deletes orphans, each only after its line is on disk, and only if it has not changed since before its source was
 * checked: a newer upload's result has another ETag. An undeleted source has the same version and keeps its result,
 * which may be deleted at that very moment. So each source is checked again, and queued if it exists (docs/adr/0016).
 * A former result's upload usually exists: if a rollback has named the result again, the worker makes it again.
 * @param stop ends it after the current portion
 * @throws the error of the file system or the SDK; objects deleted before it stay deleted
 */
export async function removeOrphans(
  ops: OpsContext,
  orphans: AsyncIterable<Orphan | Former>,
  file: Pick<LineFile<Orphan | Former>, 'add' | 'sync'>,
  stop: AbortSignal,
  onRemoved?: (removal: Readonly<Removal>) => void,
): Promise<Removal> {
  const { s3 } = ops;
  const limit = pLimit(DELETIONS_AT_ONCE);
  const removal: Removal = { removed: 0, kept: 0, queued: 0 };

  async function removePortion(portion: readonly (Orphan | Former)[]): Promise<void> {
    await file.add(portion);
    await file.sync();
    const back = new Map<string, Orphan['source']>();
    const ends = await Promise.allSettled(
      portion.map((orphan) =>
        limit(async () => {
          if (!(await deleteIf(s3, orphan.etag, orphan.bucket, orphan.key))) return void (removal.kept += 1);
          removal.removed += 1;
          const { bucket, key } = orphan.source;
          if ((await head(s3, bucket, key)) !== undefined) back.set(`${bucket}/${key}`, orphan.source);
        }),
      ),
    );
    removal.queued += await runBackfill(ops, back.values(), new AbortController().signal);
    onRemoved?.(removal);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  let portion: (Orphan | Former)[] = [];
  for await (const orphan of orphans) {
    if (stop.aborted) return removal;
    portion.push(orphan);
    if (portion.length < PORTION) continue;
    await removePortion(portion);
    portion = [];
  }
  if (!stop.aborted) await removePortion(portion);
  return removal;
}

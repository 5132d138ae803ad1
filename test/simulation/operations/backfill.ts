import { findBackfill, runBackfill } from '../../../src/ops/backfill.ts';
import type { OpsContext } from '../../../src/ops/context.ts';

const never = new AbortController().signal;

/** Queues the uploads without result or reason, and those whose result is of an older recipe. */
export async function backfillStale(ops: OpsContext): Promise<number> {
  const uploads = findBackfill(ops, { prefix: '', basis: 'objects', stale: true, failed: false });
  return runBackfill(ops, uploads, never);
}

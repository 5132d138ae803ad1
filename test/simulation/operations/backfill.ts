import { findBackfill, runBackfill, type BackfillChoice } from '../../../src/ops/backfill.ts';
import type { OpsContext } from '../../../src/ops/context.ts';

const never = new AbortController().signal;

/** Queues the uploads without result or reason, and what else is chosen. */
export function backfill(choice: Omit<BackfillChoice, 'prefix' | 'basis'>) {
  return (ops: OpsContext): Promise<number> =>
    runBackfill(ops, findBackfill(ops, { prefix: '', basis: 'objects', ...choice }), never);
}

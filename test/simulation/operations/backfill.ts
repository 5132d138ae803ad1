import { findBackfill, runBackfill, type BackfillChoice } from '../../../src/ops/backfill.ts';
import type { OpsContext } from '../../../src/ops/context.ts';

const never = new AbortController().signal;

/** Queues uploads without a result or reason, and others if selected. */
export function backfill(choice: Omit<BackfillChoice, 'prefix' | 'basis'>) {
  return (ops: OpsContext): Promise<number> =>
    runBackfill(ops, findBackfill(ops, { prefix: '', basis: 'objects', ...choice }), never);
}

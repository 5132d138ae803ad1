import { randomBytes } from 'node:crypto';
import type { RedriveRecord } from '../../core/redrive-record.ts';

export { redriveRecordSchema, type RedriveRecord, type RedriveState } from '../../core/redrive-record.ts';

/** What `newRedriveId` makes, at the end of a key. */
export const RECORD_KEY = /\/\d{4}-\d\d-\d\dT[\d-]+Z-[0-9a-f]{12}\.json$/;

/** Ids sort by time, and nobody can guess one. */
function newRedriveId(now: Date): string {
  return `${now.toISOString().replaceAll(/[:.]/g, '-')}-${randomBytes(6).toString('hex')}`;
}

/** The first state of a record: nothing is moved yet. */
export function newRecord(
  about: Pick<RedriveRecord, 'who' | 'why' | 'what'> & Partial<RedriveRecord>,
): RedriveRecord {
  const now = new Date();
  return {
    version: 1,
    id: newRedriveId(now),
    state: 'running',
    startedAt: now.toISOString(),
    updatedAt: now.toISOString(),
    cancelRequested: false,
    counts: { moved: 0, converted: 0, failedAgain: 0, gone: 0, pending: 0 },
    ...about,
  };
}

/**
 * Situations that the guarantees cover, and how often each must occur at least in 10,000 seeds, so that the test fails
 * if the generator no longer produces them.
 */
export const SITUATIONS = {
  'a deployment while invocations of the one before are at work': 1500,
  'a roll-back to an earlier recipe': 700,
  'a deployment with another rule for an upload': 1400,
  'a result that only a former configuration names': 1000,
  'a worker that met a result of another rule': 4000,
  'a name that was of another upload in a former configuration': 50,
  'an outdated worker that met a newer result': 1800,
  'a stale result that a backfill found': 900,
  'the newest version is deleted': 600,
  'an older version is deleted': 60,
  'a delete marker is removed': 800,
  'an upload while versioning is suspended': 400,
  'versioning is enabled again': 8,
  'a source expires': 80,
  'old versions expire': 50,
  'a conversion beyond its limit': 2500,
  'a body that fails': 300,
  'a body that stalls': 30,
  'a record of a redrive says done': 2000,
  'a record of a redrive says stopped': 140,
  'a record of a redrive says cancelled': 40,
  'a record of a redrive says interrupted': 8,
  'a record of a redrive says failed': 20,
  'a record of a redrive says running, and its runner is dead': 10,
  'a redrive is stopped by its canary': 10,
  'a redrive is stopped by what failed again': 100,
  'a redrive met dead letters that others were reading': 8,
  'a redrive is handed on': 50,
  'a running redrive is asked to stop': 50,
  'a dead letter is purged': 300,
  'a dead letter is archived': 200,
  'a dead letter is archived in the days before it expires': 500,
  'a dead letter is sent from its copy': 1000,
  'an upload that a scheduled reconciliation queued': 250,
  'a scheduled reconciliation is handed on': 1000,
  'a source that moved between write and second look': 2000,
  'a late write that replaced the latest result, which had no stamp': 20,
  'a result that is deleted with its upload': 2500,
  'an orphan is removed': 600,
  'an orphan is removed whose source came back': 80,
  'an orphan is kept because its result has changed': 15,
  'a failure report is removed as an orphan': 30,
  'a batch is counted midway': 600,
  'a page of a batch is viewed midway': 600,
  'an object is viewed midway': 600,
  'an upload that changed during a view': 500,
  'an upload that was certainly converted or failed during a view': 1500,
  'a batch that the local event source received': 20_000,
  'a batch that the local event source returned after a function error': 3000,
} as const;

export type Situation = keyof typeof SITUATIONS;
export type Coverage = Partial<Record<Situation, number>>;

export function addCoverage(total: Coverage, more: Coverage): void {
  for (const [situation, times] of Object.entries(more) as [Situation, number][])
    total[situation] = (total[situation] ?? 0) + times;
}

/**
 * Situations that a guarantee is about, and how often each must come about in 10,000 seeds at least, so that a generator
 * that makes them no more fails.
 */
export const SITUATIONS = {
  'a deployment while invocations of the one before are at work': 1,
  'a roll-back to an earlier recipe': 1,
  'a result that an outdated worker stored': 1,
  'an outdated worker that met a younger result': 1,
  'a stale result that a backfill found': 1,
  'the newest version is deleted': 1,
  'an older version is deleted': 1,
  'a delete marker is removed': 1,
  'an upload while versioning is suspended': 1,
  'versioning is enabled again': 1,
  'a source expires': 1,
  'old versions expire': 1,
  'a conversion beyond its limit': 1,
  'a body that fails': 1,
} as const;

export type Situation = keyof typeof SITUATIONS;
export type Coverage = Partial<Record<Situation, number>>;

export function addCoverage(total: Coverage, more: Coverage): void {
  for (const [situation, times] of Object.entries(more) as [Situation, number][])
    total[situation] = (total[situation] ?? 0) + times;
}

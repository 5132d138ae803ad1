/**
 * Situations that a guarantee is about, and how often each must come about in 10,000 seeds at least, so that a generator
 * that makes them no more fails.
 */
export const SITUATIONS = {
  'a deployment while invocations of the one before are at work': 100,
  'a roll-back to an earlier recipe': 80,
  'an outdated worker that met a younger result': 60,
  'a stale result that a backfill found': 300,
  'the newest version is deleted': 40,
  'an older version is deleted': 12,
  'a delete marker is removed': 6,
  'an upload while versioning is suspended': 150,
  'versioning is enabled again': 8,
  'a source expires': 35,
  'old versions expire': 20,
  'a conversion beyond its limit': 1400,
  'a body that fails': 150,
} as const;

export type Situation = keyof typeof SITUATIONS;
export type Coverage = Partial<Record<Situation, number>>;

export function addCoverage(total: Coverage, more: Coverage): void {
  for (const [situation, times] of Object.entries(more) as [Situation, number][])
    total[situation] = (total[situation] ?? 0) + times;
}

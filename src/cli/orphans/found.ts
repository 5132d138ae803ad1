import { findOrphans, findOutsiders } from '../../ops/orphans/find-orphans.ts';
import type { Orphan } from '../../ops/orphans/orphan.ts';
import type { Connection } from '../connection.ts';
import { byteCount, quantity } from '../format.ts';
import { hint } from '../output.ts';

/** Counts of what was found, as the summary line has them. */
export interface Found {
  results: number;
  reports: number;
  bytes: number;
  /** Objects that are not this pipeline's. */
  unknown: number;
}

/** Yields orphans, and counts them and what else was found. */
export async function* countOrphans(
  { s3, deployment }: Connection,
  prefix: string,
  found: Found,
): AsyncGenerator<Orphan> {
  for await (const each of findOrphans(s3, deployment, prefix)) {
    if (each.type === 'uploaded') continue;
    if (each.type === 'unknown') {
      found.unknown += 1;
      continue;
    }
    if (each.kind === 'result') found.results += 1;
    else found.reports += 1;
    found.bytes += each.bytes;
    yield each;
  }
  if (prefix !== '') return;
  for await (const _ of findOutsiders(s3, deployment)) found.unknown += 1;
}

export const NOTHING_FOUND: Readonly<Found> = { results: 0, reports: 0, bytes: 0, unknown: 0 };

export function describeFound({ results, reports, bytes }: Found): string {
  return `${quantity(results, 'result')} and ${quantity(reports, 'failure report')} whose upload was deleted, ${byteCount(bytes)}`;
}

/** Says on stderr how many objects were left out, and why. */
export function hintUnknown({ unknown }: Found): void {
  if (unknown > 0)
    hint(
      `${quantity(unknown, 'object')} left out: not made by this pipeline, or for a rendition, an upload bucket or a name that it no longer has`,
    );
}

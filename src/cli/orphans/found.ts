import { findFormer } from './find-former.ts';
import { findOrphans, findOutsiders } from '../../ops/orphans/find-orphans.ts';
import type { Former, Orphan } from '../../ops/orphans/orphan.ts';
import type { OpsContext } from '../../ops/context.ts';
import { byteCount, quantity } from '../format.ts';
import { hint } from '../output.ts';

/** The summary line's counts. */
export interface Found {
  results: number;
  reports: number;
  bytes: number;
  /** Objects that do not belong to this pipeline. */
  unknown: number;
}

export const NOTHING_FOUND: Readonly<Found> = { results: 0, reports: 0, bytes: 0, unknown: 0 };

/** What a command looks for in the result and failure buckets. */
export interface Search {
  option: '--orphans' | '--former';
  /** Yields what can be deleted. Counts that and everything else in `found`. */
  find(
    pipeline: Pick<OpsContext, 's3' | 'deployment'>,
    prefix: string,
    found: Found,
  ): AsyncGenerator<Orphan | Former>;
  describe(found: Found): string;
  /** Why objects are left out. */
  leftOut: string;
}

/** Results and failure reports whose upload was deleted. */
export const ORPHANS: Search = {
  option: '--orphans',
  async *find({ s3, deployment }, prefix, found) {
    for await (const each of findOrphans(s3, deployment, prefix)) {
      if (each.type === 'unknown') found.unknown += 1;
      if (each.type === 'orphan') yield counted(each, found);
    }
    if (prefix !== '') return;
    for await (const _ of findOutsiders(s3, deployment)) found.unknown += 1;
  },
  describe: ({ results, reports, bytes }) =>
    `${quantity(results, 'result')} and ${quantity(reports, 'failure report')} whose upload was deleted, ${byteCount(bytes)}`,
  leftOut:
    'not made by this pipeline, or for a rendition, an upload bucket or a name that it no longer has; --former finds the results of former rules',
};

/** Results under names that the present rules do not give. */
export const FORMER: Search = {
  option: '--former',
  async *find({ s3, deployment }, prefix, found) {
    for await (const each of findFormer(s3, deployment, prefix)) {
      if (each.type === 'unknown') found.unknown += 1;
      else yield counted(each, found);
    }
  },
  describe: ({ results, bytes }) =>
    `${quantity(results, 'result')} under names that only former rules used, ${byteCount(bytes)}`,
  leftOut: 'not made by this pipeline, or from an upload bucket that it no longer has',
};

function counted<T extends Orphan | Former>(each: T, found: Found): T {
  if (each.kind === 'result') found.results += 1;
  else found.reports += 1;
  found.bytes += each.bytes;
  return each;
}

/** Prints on stderr how many objects were left out, and why. */
export function hintUnknown({ leftOut }: Search, { unknown }: Found): void {
  if (unknown > 0) hint(`${quantity(unknown, 'object')} left out: ${leftOut}`);
}

import type { StoredObject } from '../object-history.ts';
import type { World } from '../world.ts';

/**
 * What was current at any moment since the window was opened, in the checks' own records. A view takes several requests,
 * each of which may show another moment.
 */
export interface Window {
  /** The key's sources, oldest first. Undefined: there was none. There is at least one element. */
  sources(key: string): readonly (StoredObject | undefined)[];
  results(resultKey: string): readonly (StoredObject | undefined)[];
  reports(reportKey: string): readonly (StoredObject | undefined)[];
}

export function openWindow({ sources, stored, reports }: World): Window {
  const since = { sources: sources.revision, stored: stored.revision, reports: reports.revision };
  return {
    sources: (key) => sources.since(key, since.sources),
    results: (key) => stored.since(key, since.stored),
    reports: (key) => reports.since(key, since.reports),
  };
}

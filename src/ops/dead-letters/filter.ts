import type { FilterRequest } from '../../core/dead-letter-filter.ts';
import type { DeadLetter, Received } from './dead-letter.ts';

/** Selects dead letters. All given conditions must match. */
export interface Filter extends Omit<FilterRequest, 'since'> {
  /** Sent at that time or later. */
  since?: Date | undefined;
  /** Sent at that time or earlier. */
  until?: Date | undefined;
  /** Message ids. */
  ids?: ReadonlySet<string> | undefined;
}

/** Converts a request's filter for the operations. */
export function filterOfRequest({ since, ...rest }: FilterRequest): Filter {
  return { ...rest, since: since === undefined ? undefined : new Date(since) };
}

/** Checks all conditions except the code, which may require a request. */
export function matchesByMessage(
  { id, objects, sentAt }: Pick<Received, 'id' | 'objects' | 'sentAt'>,
  filter: Filter,
): boolean {
  const { prefix, key, since, until, ids } = filter;
  return (
    (ids === undefined || ids.has(id)) &&
    (since === undefined || sentAt >= since) &&
    (until === undefined || sentAt <= until) &&
    (key === undefined || id === key || objects.some((object) => object.key === key)) &&
    (prefix === undefined || objects.some((object) => object.key.startsWith(prefix)))
  );
}

export function matches(
  letter: Pick<DeadLetter, 'code' | 'id' | 'objects' | 'sentAt'>,
  filter: Filter,
): boolean {
  return (filter.code === undefined || letter.code === filter.code) && matchesByMessage(letter, filter);
}

/** Describes a filter as text. */
export function describeFilter({ code, prefix, since, key }: Filter): string {
  const parts = [
    ...(code === undefined ? [] : [`code ${code}`]),
    ...(prefix === undefined ? [] : [`prefix ${prefix}`]),
    ...(since === undefined ? [] : [`since ${since.toISOString()}`]),
    ...(key === undefined ? [] : [`key ${key}`]),
  ];
  return parts.length === 0 ? 'all dead letters' : `dead letters with ${parts.join(', ')}`;
}

export function isUnfiltered(filter: Filter): boolean {
  return Object.values(filter).every((part) => part === undefined);
}

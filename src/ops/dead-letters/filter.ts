import type { FilterRequest } from '../../core/dead-letter-filter.ts';
import type { DeadLetter, Received } from './dead-letter.ts';

/** Which dead letters are meant; every part that is given must hold. */
export interface Filter extends Omit<FilterRequest, 'since'> {
  /** Sent at that time or later. */
  since?: Date | undefined;
  /** Sent at that time or earlier. */
  until?: Date | undefined;
  /** Message ids. */
  ids?: ReadonlySet<string> | undefined;
}

/** Returns a filter as a request has it, for the operations. */
export function filterOfRequest({ since, ...rest }: FilterRequest): Filter {
  return { ...rest, since: since === undefined ? undefined : new Date(since) };
}

/** All but the code, which may take a request to find out. */
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

/** What a filter chooses, in words. */
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

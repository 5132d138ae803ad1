import type { DeadLetter, Received } from './dead-letter.ts';

/** Which dead letters are meant; every part that is given must hold. */
export interface Filter {
  code?: string;
  /** The key begins with it. */
  prefix?: string;
  /** The key, or the message id. */
  key?: string;
  /** Sent at that time or later. */
  since?: Date;
  /** Sent at that time or earlier. */
  until?: Date;
  /** Message ids. */
  ids?: ReadonlySet<string>;
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

import { OPERATED_KEYS } from './operations/operation.ts';
import { KEYS } from './scenario.ts';

/** Returns whether two violations are the same except for key, message and process. */
export function isSameViolation(one: string, other: string): boolean {
  return masked(one) === masked(other);
}

function masked(violation: string): string {
  const withoutKeys = [...KEYS, ...OPERATED_KEYS].reduce(
    (text, key) => text.replaceAll(key, 'KEY'),
    violation,
  );
  return (
    withoutKeys
      // A key's state contains ids and times.
      .replaceAll(/\{.*\}/g, '{}')
      .replaceAll(/KEY( and KEY)+/g, 'KEY')
      .replaceAll(/\d+/g, 'N')
  );
}

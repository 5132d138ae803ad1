import { OPERATED_KEYS } from './operations/operation.ts';
import { KEYS } from './scenario.ts';

/** Whether both texts tell of the same thing going wrong, whichever key, message or process it met. */
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
      // The state of a key has ids and times.
      .replaceAll(/\{.*\}/g, '{}')
      .replaceAll(/KEY( and KEY)+/g, 'KEY')
      .replaceAll(/\d+/g, 'N')
  );
}

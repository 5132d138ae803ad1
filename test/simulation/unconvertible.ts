import type { Code } from '../../src/core/codes.ts';

/** How an upload ends whose last attempt met a fault, after others had worn its attempts: it crashed, or gave up. */
export const ACCIDENTS: readonly Code[] = ['process.died', 'retries.exhausted'];

/**
 * The codes that the status of a content may have, its own first. After four crashes, the last attempt at a poison may
 * have met something else.
 */
export const UNCONVERTIBLE: Readonly<Record<string, readonly Code[]>> = {
  bad: ['image.corrupt'],
  poison: ACCIDENTS,
  slow: ['conversion.timeout'],
};

export function isOneOf(codes: readonly Code[], code: string): boolean {
  return codes.some((each) => each === code);
}

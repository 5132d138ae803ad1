import type { Code } from '../../src/core/codes.ts';
import type { ErrorCode } from '../../src/core/errors.ts';
import { OWN_CONVERSIONS } from './configurations.ts';

/** How an upload ends whose last attempt met a fault, after others had worn its attempts: it crashed, or gave up. */
export const ACCIDENTS: readonly Code[] = ['process.died', 'retries.exhausted'];

/** The code by which each conversion rejects bad content. */
export function badCode(conversion: string): ErrorCode {
  return conversion in OWN_CONVERSIONS ? `${conversion}.bad` : 'image.corrupt';
}

/** Which conversion met the content last depends on what was deployed then. */
export const BAD_CODES: readonly string[] = ['image', ...Object.keys(OWN_CONVERSIONS)].map(badCode);

/**
 * The codes that the status of a content may have, its own first. After four crashes, the last attempt at a poison may
 * have met something else.
 */
export const UNCONVERTIBLE: Readonly<Record<string, readonly string[]>> = {
  bad: BAD_CODES,
  poison: ACCIDENTS,
  slow: ['conversion.timeout'],
};

export function isOneOf(codes: readonly string[], code: string): boolean {
  return codes.some((each) => each === code);
}

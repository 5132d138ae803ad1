import type { Code } from '../../src/core/code-names.ts';
import type { ErrorCode } from '../../src/core/errors.ts';
import { OWN_CONVERSIONS } from './configurations.ts';

/** The outcome of an upload whose last attempt met a fault after its other attempts were used up. */
export const ACCIDENTS: readonly Code[] = ['process.died', 'retries.exhausted'];

/**
 * The outcome of a poison, and of an upload whose attempts all met faults: a conversion exceeds its limit if the schedule
 * delays its process.
 */
export const POISONED: readonly Code[] = [...ACCIDENTS, 'conversion.timeout'];

/** The code with which each conversion rejects bad contents. */
export function badCode(conversion: string): ErrorCode {
  return conversion in OWN_CONVERSIONS ? `${conversion}.bad` : 'image.corrupt';
}

/** The last conversion to process the contents depends on the deployment at that time. */
export const BAD_CODES: readonly string[] = ['image', ...Object.keys(OWN_CONVERSIONS)].map(badCode);

/**
 * The codes that the status of an upload with these contents may have, its own first. After four crashes, the last
 * attempt at a poison may fail differently.
 */
export const UNCONVERTIBLE: Readonly<Record<string, readonly string[]>> = {
  bad: BAD_CODES,
  poison: POISONED,
  slow: ['conversion.timeout'],
};

export function isOneOf(codes: readonly string[], code: string): boolean {
  return codes.some((each) => each === code);
}

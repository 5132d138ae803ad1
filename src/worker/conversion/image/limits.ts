import { Rejected } from '../../../core/errors.ts';
import type { Limits } from '../../../core/recipe.ts';
import { TOO_SLOW } from './errors.ts';

/** Limits of all work for one upload. */
export interface ImageLimits extends Pick<Limits, 'pixels' | 'pages'> {
  /** When its time is up, by `performance.now()`. */
  deadline: number;
}

/** Returns when a conversion that starts now must have ended. */
export function deadlineIn(seconds: number): number {
  return performance.now() + seconds * 1000;
}

/**
 * Returns the seconds that are left, as sharp accepts them: whole, and not 0, which means no limit.
 * @throws Rejected `conversion.timeout`
 */
export function secondsLeft({ deadline }: Pick<ImageLimits, 'deadline'>): number {
  const seconds = Math.ceil((deadline - performance.now()) / 1000);
  if (seconds <= 0) throw new Rejected('conversion.timeout', TOO_SLOW);
  return seconds;
}

import { pause } from '../../src/core/pause.ts';
import type { Time } from '../../src/ops/time.ts';

const TIMES_FASTER = 10;

/** Ten seconds of an operation take one second. Dates are not affected. */
export const FAST_TIME: Time = {
  now: () => performance.now() * TIMES_FASTER,
  wait: (milliseconds, signal) => pause(milliseconds / TIMES_FASTER, signal),
  limit: (milliseconds) => AbortSignal.timeout(Math.ceil(milliseconds / TIMES_FASTER)),
};

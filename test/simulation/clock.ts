import { install, type Clock as FakeClock } from '@sinonjs/fake-timers';
import type { Clock } from '@millrace/local-aws/models';

/** Time that only the simulation advances, for the models and all code that reads the time or uses timers. */
export interface VirtualClock extends Clock {
  /** Advances to a time. All timers on the way fire. */
  moveTo(milliseconds: number): void;
  /** Advances to the next timer, or to `latest` if that is earlier. Returns whether a timer fired. */
  moveToTimer(latest: number): boolean;
  /** Resolves after this time. */
  sleep(milliseconds: number): Promise<void>;
}

const START = Date.UTC(2026, 0, 1);
let installed: FakeClock | undefined;

/** Restarts time, without timers. */
export function virtualClock(): VirtualClock {
  if (installed === undefined) throw new Error('time is not virtual: call it within `withVirtualTime`');
  const fake = installed;
  fake.reset();
  fake.setSystemTime(START);
  return {
    now: () => fake.now,
    ranSince: (at) => fake.now - at,
    after(milliseconds, run) {
      const timer = fake.setTimeout(run, milliseconds);
      return () => fake.clearTimeout(timer);
    },
    moveTo(milliseconds) {
      fake.tick(Math.max(0, Math.round(milliseconds) - fake.now));
    },
    moveToTimer(latest) {
      let fired = true;
      const bound =
        latest === Number.POSITIVE_INFINITY
          ? undefined
          : fake.setTimeout(() => void (fired = false), Math.max(0, latest - fake.now));
      if (fake.countTimers() === 0) return false;
      fake.next();
      if (bound !== undefined) fake.clearTimeout(bound);
      return fired;
    },
    sleep: (milliseconds) => new Promise((resolve) => void fake.setTimeout(() => resolve(), milliseconds)),
  };
}

/** Runs a function with `Date`, timers and `AbortSignal.timeout` controlled by a virtual clock. */
export async function withVirtualTime<T>(run: () => Promise<T>): Promise<T> {
  await loadLazyModules();
  const timeout = AbortSignal.timeout;
  installed = install({
    now: START,
    toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
  });
  AbortSignal.timeout = (milliseconds) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new DOMException('the time is over', 'TimeoutError')), milliseconds);
    return controller.signal;
  };
  try {
    return await run();
  } finally {
    AbortSignal.timeout = timeout;
    installed.uninstall();
    installed = undefined;
  }
}

/** Loads what the worker imports when it needs it: an import never resolves in virtual time. */
function loadLazyModules(): Promise<unknown> {
  return Promise.all([
    import('../../src/worker/conversion/image/decode-other.ts'),
    import('../../src/worker/conversion/image/decoder-reason.ts'),
    import('../../src/worker/conversion/image/gif/without-background.ts'),
    import('../../src/worker/conversion/image/repair/jpeg.ts'),
    import('../../src/worker/conversion/image/tiff/plan.ts'),
  ]);
}

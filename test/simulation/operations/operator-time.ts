import type { Time } from '../../../src/ops/time.ts';
import type { Owner } from '../steps.ts';

/** Virtual time for an operator's process. A dead one waits forever. */
export function operatorTime(owner: Owner): Time {
  const after = (milliseconds: number, run: () => void) =>
    setTimeout(() => {
      if (owner.alive) run();
    }, milliseconds);
  return {
    now: () => Date.now(),
    wait(milliseconds, signal) {
      return new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const end = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', end);
          resolve();
        };
        const timer = after(milliseconds, end);
        signal.addEventListener('abort', end, { once: true });
      });
    },
    limit(milliseconds) {
      const controller = new AbortController();
      after(milliseconds, () => controller.abort());
      return controller.signal;
    },
  };
}

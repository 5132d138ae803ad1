import { afterAll, expect, it, vi } from 'vitest';
import { withVirtualTime } from '../simulation/clock.ts';
import { scenarioOf } from '../simulation/scenario.ts';
import { simulate } from '../simulation/simulate.ts';

// Set before the worker's modules are loaded, because they read it.
vi.hoisted(() => void (process.env['POWERTOOLS_METRICS_DISABLED'] = 'true'));
afterAll(() => void delete process.env['POWERTOOLS_METRICS_DISABLED']);

/** Few, because each mutant runs them; `npm test` runs thousands, in separate processes. */
const SEEDS = 40;

it(`the worker keeps its guarantees under the faults of ${SEEDS} seeds, in this process`, async () => {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    await withVirtualTime(async () => {
      for (let seed = 1; seed <= SEEDS; seed += 1)
        expect((await simulate(scenarioOf(seed))).violation, `seed ${seed}`).toBeUndefined();
    });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
});

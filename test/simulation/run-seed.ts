import { withVirtualTime } from './clock.ts';
import { addCoverage, type Coverage } from './coverage.ts';
import type { Moved } from './operations/redrive-all.ts';
import { scenarioOf, type Scenario } from './scenario.ts';
import { isSameViolation } from './same-violation.ts';
import { shrink } from './shrink.ts';
import { simulate, type Run } from './simulate.ts';

export interface Violation {
  seed: number;
  violation: string;
  /** The smallest scenario found that has the same violation. */
  shrunk: Scenario;
  /** The steps to the violation, one line each. */
  trace: string[];
}

export interface Tally {
  seeds: number;
  steps: number;
  faults: number;
  /** Dead letters that were redriven during the run. */
  redriven: Moved;
  coverage: Coverage;
  violations: Violation[];
}

export function emptyTally(): Tally {
  return {
    seeds: 0,
    steps: 0,
    faults: 0,
    redriven: { sentByWorker: 0, movedBySqs: 0 },
    coverage: {},
    violations: [],
  };
}

/** Runs a number of seeds sequentially. */
export function runSeeds(from: number, count: number): Promise<Tally> {
  return runScenarios(Array.from({ length: count }, (_, index) => scenarioOf(from + index)));
}

export async function runScenarios(scenarios: readonly Scenario[]): Promise<Tally> {
  const tally = emptyTally();
  await withVirtualTime(async () => {
    for (const scenario of scenarios) {
      const run = await simulate(scenario);
      tally.seeds += 1;
      tally.steps += run.steps;
      tally.faults += run.faults;
      tally.redriven.sentByWorker += run.redriven.sentByWorker;
      tally.redriven.movedBySqs += run.redriven.movedBySqs;
      addCoverage(tally.coverage, run.coverage);
      if (run.violation !== undefined) tally.violations.push(await explain(scenario, run.violation));
    }
  });
  return tally;
}

async function explain(scenario: Scenario, violation: string): Promise<Violation> {
  const shrunk = await shrink(scenario, async (candidate) =>
    isSameViolation((await simulate(candidate)).violation ?? '', violation),
  );
  const run: Run = await simulate(shrunk, { traced: true });
  return { seed: scenario.seed, violation: run.violation ?? violation, shrunk, trace: run.trace };
}

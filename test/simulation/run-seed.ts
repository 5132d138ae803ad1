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
  /** Absent if it was not shrunk. */
  shrunk?: {
    /** The smallest scenario found that has the same violation. */
    scenario: Scenario;
    /** The steps to the violation, one line each. */
    trace: string[];
  };
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

/** Runs a number of seeds sequentially, until one has a violation. */
export function runSeeds(from: number, count: number, shrinks: boolean): Promise<Tally> {
  const scenarios = Array.from({ length: count }, (_, index) => scenarioOf(from + index));
  return runScenarios(scenarios, shrinks);
}

export async function runScenarios(scenarios: readonly Scenario[], shrinks: boolean): Promise<Tally> {
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
      if (run.violation === undefined) continue;
      const found = { seed: scenario.seed, violation: run.violation };
      tally.violations.push(shrinks ? await shrunkOf(scenario, run.violation) : found);
      break;
    }
  });
  return tally;
}

async function shrunkOf(scenario: Scenario, violation: string): Promise<Violation> {
  const smallest = await shrink(scenario, async (candidate) =>
    isSameViolation((await simulate(candidate)).violation ?? '', violation),
  );
  const run: Run = await simulate(smallest, { traced: true });
  return {
    seed: scenario.seed,
    violation: run.violation ?? violation,
    shrunk: { scenario: smallest, trace: run.trace },
  };
}

import { runScenarios, runSeeds, type Tally } from './run-seed.ts';
import type { Scenario } from './scenario.ts';

/** What the process is asked for, and what it answers. */
export type SeedRequest = { from: number; count: number } | { scenario: Scenario };
export type SeedAnswer = Tally;

// A simulation throws many times in each seed, and nobody reads where from.
Error.stackTraceLimit = 0;

process.on('message', (request: SeedRequest) => {
  const running =
    'scenario' in request ? runScenarios([request.scenario]) : runSeeds(request.from, request.count);
  running.then(
    (tally) => process.send?.(tally satisfies SeedAnswer),
    (error: unknown) => {
      process.stderr.write(`${JSON.stringify(request)}: ${String(error)}\n`);
      process.exit(1);
    },
  );
});

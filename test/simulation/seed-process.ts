import { runScenarios, runSeeds, type Tally } from './run-seed.ts';
import type { Scenario } from './scenario.ts';

/** The process's requests and responses. */
export type SeedRequest = { from: number; count: number; shrinks: boolean } | { scenario: Scenario };
export type SeedAnswer = Tally;

// A simulation throws many times per seed, and the stack traces are not used.
Error.stackTraceLimit = 0;

// The parent was killed, so nobody needs the rest.
process.on('disconnect', () => process.exit());

process.on('message', (request: SeedRequest) => {
  const running =
    'scenario' in request
      ? runScenarios([request.scenario], true)
      : runSeeds(request.from, request.count, request.shrinks);
  running.then(
    (tally) => process.send?.(tally satisfies SeedAnswer),
    (error: unknown) => {
      process.stderr.write(`${JSON.stringify(request)}: ${String(error)}\n`);
      process.exit(1);
    },
  );
});

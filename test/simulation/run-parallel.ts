import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { TYPESCRIPT_LOADER } from '../support/typescript-loader.ts';
import { addCoverage } from './coverage.ts';
import { emptyTally, type Tally } from './run-seed.ts';
import type { Scenario } from './scenario.ts';
import type { SeedAnswer, SeedRequest } from './seed-process.ts';

const PROCESS = fileURLToPath(new URL('seed-process.ts', import.meta.url));
const SEEDS_AT_ONCE = 200;

/** Runs one scenario, as printed by a violation, in a separate process. */
export function runScenario(scenario: Scenario): Promise<Tally> {
  return withProcess((ask) => ask({ scenario }));
}

interface Options {
  mostViolations?: number;
  /** Whether violations are shrunk, which takes up to minutes each. */
  shrinks?: boolean;
  onProgress?: (tally: Tally) => void;
}

/** Runs seeds in one process per core, until all have run or enough violations are found. */
export async function runInParallel(
  from: number,
  count: number,
  { mostViolations = 3, shrinks = true, onProgress }: Options = {},
): Promise<Tally> {
  const total = emptyTally();
  let next = from;

  const take = () => {
    const range = { from: next, count: Math.min(SEEDS_AT_ONCE, from + count - next) };
    next += range.count;
    return range;
  };
  const lane = () =>
    withProcess(async (ask) => {
      let left = { from: next, count: 0 };
      while (total.violations.length < mostViolations) {
        if (left.count === 0) left = take();
        if (left.count === 0) return;
        const answer = await ask({ ...left, shrinks });
        left = { from: left.from + answer.seeds, count: left.count - answer.seeds };
        total.seeds += answer.seeds;
        total.steps += answer.steps;
        total.faults += answer.faults;
        total.redriven.sentByWorker += answer.redriven.sentByWorker;
        total.redriven.movedBySqs += answer.redriven.movedBySqs;
        addCoverage(total.coverage, answer.coverage);
        total.violations.push(...answer.violations);
        onProgress?.(total);
      }
    });

  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return total;
}

async function withProcess<T>(
  use: (ask: (request: SeedRequest) => Promise<SeedAnswer>) => Promise<T>,
): Promise<T> {
  const child = fork(PROCESS, {
    execArgv: TYPESCRIPT_LOADER,
    env: {
      ...process.env,
      POWERTOOLS_METRICS_DISABLED: 'true',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
  });
  const failed = once(child, 'exit').then(() => {
    throw new Error(`a process of the simulation ended with ${child.exitCode ?? child.signalCode}`);
  });
  failed.catch(() => undefined);
  try {
    return await use(async (request) => {
      child.send(request);
      const [answer] = (await Promise.race([once(child, 'message'), failed])) as [SeedAnswer];
      return answer;
    });
  } finally {
    child.kill();
  }
}

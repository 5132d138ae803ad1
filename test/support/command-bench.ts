import { DEFAULT_RECIPE } from '../../src/core/recipe.ts';
import { startApi } from '../../src/local/api-server.ts';
import { localDeployment } from '../../src/local/deployment.ts';
import type { Finished } from './command.ts';
import { millraceHere } from './command-here.ts';
import { opsOf } from './ops.ts';
import { startBench, type Bench } from './worker.ts';

/** A pipeline without a worker, for commands in this process. */
export interface CommandBench extends Bench {
  ops: ReturnType<typeof opsOf>;
  /** Runs `millrace` on it. */
  run(...args: string[]): Promise<Finished>;
  /** The same, with `--json`. @returns the lines */
  lines(...args: string[]): Promise<Record<string, unknown>[]>;
}

export async function startCommandBench(): Promise<CommandBench> {
  const bench = await startBench();
  const api = await startApi({
    port: 0,
    recipe: DEFAULT_RECIPE,
    deployment: localDeployment(bench.aws.url, bench.resources, DEFAULT_RECIPE),
    alarms: { states: () => ({ 'dead-letters': 'ok' }), stop: () => undefined },
    metrics: { minutes: () => [] },
    audit: () => Promise.resolve(),
    onError(error) {
      throw error;
    },
  });
  const run = (...args: string[]) => millraceHere(...args, '--endpoint', api.url);
  return {
    ...bench,
    ops: opsOf(bench),
    run,
    async lines(...args) {
      const { stdout } = await run(...args, '--json');
      return stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    async stop() {
      await api.stop();
      await bench.stop();
    },
  };
}

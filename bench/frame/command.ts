import { pathToFileURL } from 'node:url';
import { finish, spawnCommand, type Finished } from '../../test/support/command.ts';

const REPORT = pathToFileURL('test/support/report-memory.mjs').href;

export interface Run extends Finished {
  seconds: number;
  /** Peak memory of the command's process, without its child processes. */
  peakBytes: number;
}

/**
 * Runs `millrace` and waits for it to exit.
 * @throws Error if the exit code is not the expected one
 */
export async function runCommand(args: readonly string[], expected = 0): Promise<Run> {
  const begun = performance.now();
  const finished = await finish(spawnCommand(args, { NODE_OPTIONS: `--import ${REPORT}` }));
  const seconds = (performance.now() - begun) / 1000;
  if (finished.code !== expected)
    throw new Error(`millrace ${args.join(' ')} exited with ${finished.code}: ${finished.stderr}`);
  const kilobytes = Number(/maxRSS (\d+)/.exec(finished.stderr)?.[1]);
  return { ...finished, seconds, peakBytes: kilobytes * 1024 };
}

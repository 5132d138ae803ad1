import { pathToFileURL } from 'node:url';
import { finish, spawnCommand, type Finished } from '../../test/support/command.ts';

const REPORT = pathToFileURL('test/support/report-memory.mjs').href;

export interface Run extends Finished {
  seconds: number;
  /** Of the command's process, without those that it starts. */
  peakBytes: number;
}

/**
 * Runs `millrace` to its end.
 * @throws Error when it ends with another code
 */
export async function runCommand(args: readonly string[], expected = 0): Promise<Run> {
  const begun = performance.now();
  const finished = await finish(spawnCommand(args, { NODE_OPTIONS: `--import ${REPORT}` }));
  const seconds = (performance.now() - begun) / 1000;
  if (finished.code !== expected)
    throw new Error(`millrace ${args.join(' ')} ended with ${finished.code}: ${finished.stderr}`);
  const kilobytes = Number(/maxRSS (\d+)/.exec(finished.stderr)?.[1]);
  return { ...finished, seconds, peakBytes: kilobytes * 1024 };
}

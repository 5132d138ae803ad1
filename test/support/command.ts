import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

const COMMAND = fileURLToPath(new URL('../../bin/millrace.js', import.meta.url));

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `millrace` and waits for its exit. */
export function millrace(...args: string[]): Promise<Finished> {
  return finish(spawnCommand(args));
}

/** Runs `millrace` with additional environment variables and waits for its exit. */
export function millraceIn(env: Record<string, string>, ...args: string[]): Promise<Finished> {
  return finish(spawnCommand(args, env));
}

/** The command's path, for a shell. */
export const SHELL_COMMAND = `'${process.execPath}' '${COMMAND}'`;

/** Returns a command's stderr without the progress of slow commands. */
export const withoutProgress = (stderr: string): string =>
  stderr.replaceAll(/^\d+ of \d+ \(\d+ %\).*\n/gm, '');

/** Starts `millrace`, for tests that interact with it. */
export function spawnCommand(args: readonly string[], env: Record<string, string> = {}) {
  return spawn(process.execPath, [COMMAND, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // The machine's own settings must not select the pipeline.
    env: { ...process.env, MILLRACE_ENDPOINT: '', MILLRACE_STACK: '', ...env },
  });
}

/** Resolves when the command has exited. */
export async function finish(child: ReturnType<typeof spawnCommand>): Promise<Finished> {
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  await once(child, 'close');
  return { code: child.exitCode, ...output };
}

const readySchema = z.object({
  type: z.literal('ready'),
  url: z.string(),
  awsUrl: z.string(),
  logFolder: z.string(),
  queues: z.object({ conversion: z.string(), retry: z.string(), deadLetter: z.string() }),
});

export type Started = z.infer<typeof readySchema> & {
  child: ChildProcess;
  /** Returns its stderr so far. */
  stderr(): string;
  /** Sends a signal. Resolves with the exit code, or the signal that terminated it. */
  end(signal: NodeJS.Signals): Promise<number | string | null>;
};

/** Starts `millrace start` on free ports, in a separate process group, and waits until it is ready. */
export async function millraceStart(...args: string[]): Promise<Started> {
  const all = [COMMAND, 'start', '--port', '0', '--aws-port', '0', '--json', ...args];
  const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const exited = once(child, 'exit');
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    process.stderr.write(chunk);
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const ready = readySchema.parse(JSON.parse(line));
    return {
      ...ready,
      child,
      stderr: () => stderr,
      async end(signal) {
        child.kill(signal);
        await exited;
        return child.exitCode ?? child.signalCode;
      },
    };
  }
  throw new Error('millrace start ended before it was ready');
}

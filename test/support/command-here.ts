import { createProgram } from '../../src/cli/program.ts';
import { reportError } from '../../src/cli/report-error.ts';
import type { Finished } from './command.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Runs `millrace` in this process, without the second that a new process takes to start. Run one at a time, because it
 * captures the process's output.
 */
export async function millraceHere(...args: string[]): Promise<Finished> {
  const output = { stdout: '', stderr: '' };
  const restore = [take(process.stdout, 'stdout'), take(process.stderr, 'stderr')];
  const before = process.exitCode;
  const listeners = SIGNALS.map((signal) => new Set(process.listeners(signal)));
  process.exitCode = 0;
  try {
    const program = await createProgram(args);
    await program
      .parseAsync(['node', 'millrace', ...args])
      .catch((error: unknown) => (process.exitCode = reportError(error)));
    return { code: process.exitCode, ...output };
  } finally {
    process.exitCode = before;
    for (const [index, signal] of SIGNALS.entries())
      for (const listener of process.listeners(signal))
        if (!listeners[index]?.has(listener)) process.off(signal, listener);
    for (const giveBack of restore) giveBack();
  }

  function take(stream: NodeJS.WriteStream, name: 'stdout' | 'stderr'): () => void {
    const write = stream.write;
    stream.write = (chunk: string | Uint8Array) => {
      output[name] += Buffer.from(chunk as string).toString();
      return true;
    };
    return () => (stream.write = write);
  }
}

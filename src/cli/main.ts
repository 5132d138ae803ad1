import { EXIT } from './exit-codes.ts';
import { createProgram } from './program.ts';
import { reportError } from './report-error.ts';

/** Runs the `millrace` command and sets the exit code of the process. */
export async function main(argv: readonly string[]): Promise<void> {
  // The reader of the output has exited: `millrace … | head`.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.interrupted);
    throw error;
  });
  // A closed stderr (`millrace … 2>&1 >/dev/null | head`): the command goes on without hints and progress.
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

  try {
    const program = await createProgram(argv.slice(2));
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = reportError(error);
  }
}

import { Command, CommanderError } from 'commander';
import { convertCommand } from './convert.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { startCommand } from './start.ts';
import { version } from './version.ts';

const HINT = '(add --help for the options and an example)';

/** Runs the `millrace` command and sets the exit code of the process. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('millrace')
    .description('Bulk uploads in, converted objects out: on AWS and on this machine with the same code.')
    .version(version())
    .showHelpAfterError(HINT)
    .exitOverride();
  for (const command of [startCommand(), convertCommand()])
    program.addCommand(command.exitOverride().showHelpAfterError(HINT));

  // Whoever read the output has gone: `millrace … | head`.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.interrupted);
    throw error;
  });

  try {
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = report(error);
  }
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.wrongUsage;
  if (error instanceof CommandError) {
    process.stderr.write(`millrace: ${error.message}\n`);
    return error.exitCode;
  }
  process.stderr.write(
    `millrace: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return EXIT.unreachable;
}

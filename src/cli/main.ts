import { Command } from 'commander';
import { backfillCommand } from './backfill.ts';
import { convertCommand } from './convert.ts';
import { dlqCommand } from './dlq/dlq.ts';
import { drillCommand } from './drill.ts';
import { EXIT } from './exit-codes.ts';
import { redriveCommand } from './redrive/redrive.ts';
import { reportError } from './report-error.ts';
import { startCommand } from './start.ts';
import { statusCommand } from './status.ts';
import { uiCommand } from './ui.ts';
import { uploadCommand } from './upload/upload.ts';
import { version } from './version.ts';

const HINT = '(add --help for the options and an example)';

/** Runs the `millrace` command and sets the exit code of the process. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('millrace')
    .description('Bulk uploads in, converted objects out: on AWS and on this machine with the same code.')
    .version(version())
    .showHelpAfterError(HINT)
    .exitOverride();
  const commands = [
    startCommand(),
    convertCommand(),
    uploadCommand(),
    statusCommand(),
    backfillCommand(),
    dlqCommand(),
    redriveCommand(),
    drillCommand(),
    uiCommand(),
  ];
  for (const command of commands) program.addCommand(throwing(command));

  // Whoever read the output has gone: `millrace … | head`.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.interrupted);
    throw error;
  });

  try {
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = reportError(error);
  }
}

/** Lets wrong usage be reported here, that of subcommands too, instead of ending the process. */
function throwing(command: Command): Command {
  for (const subcommand of command.commands) throwing(subcommand);
  return command.exitOverride().showHelpAfterError(HINT);
}

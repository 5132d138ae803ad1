import { Command } from 'commander';
import { backfillCommand } from './backfill.ts';
import { convertCommand } from './convert/convert.ts';
import { dlqCommand } from './dlq/dlq.ts';
import { drillCommand } from './drill.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { redriveCommand } from './redrive/redrive.ts';
import { startCommand } from './start.ts';
import { statusCommand } from './status/status.ts';
import { uiCommand } from './ui.ts';
import { uploadCommand } from './upload/upload.ts';
import { version } from './version.ts';

const HINT = '(add --help for the options and an example)';
const EXAMPLE = `
Example:
  $ millrace start
  $ millrace upload photos --wait   # in another terminal
Each command says more: millrace upload --help`;

/** The `millrace` command with all its subcommands. It throws wrong usage instead of ending the process. */
export function createProgram(): Command {
  const program = new Command('millrace')
    .description('Bulk uploads in, converted objects out: on AWS and on this machine with the same code.')
    .version(version())
    // Without it a command takes the options that stand behind the name of its subcommand.
    .enablePositionalOptions()
    .addHelpText('after', EXAMPLE);
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
  for (const command of commands) program.addCommand(command);
  return strict(program);
}

function strict(command: Command): Command {
  for (const subcommand of command.commands) strict(subcommand);
  return command.exitOverride().showHelpAfterError(HINT).hook('preSubcommand', refuseOptionsBefore);
}

/** An option in front of a subcommand would be that of its parent, and mean nothing: `dlq --stack prod purge`. */
function refuseOptionsBefore(command: Command, subcommand: Command): void {
  const given = command.options.filter(
    (option) => command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  if (given.length === 0) return;
  throw new CommandError(
    EXIT.wrongUsage,
    `options of ${subcommand.name()} go behind it: ${command.name()} ${subcommand.name()} ${given.map(({ long }) => long).join(' ')} …`,
  );
}

import { Command } from 'commander';
import { CommandError, EXIT } from './exit-codes.ts';
import { version } from './version.ts';

/** The subcommands, in the order of the help. Each is loaded on demand, because most need an SDK. */
const SUBCOMMANDS: Record<string, () => Promise<Command>> = {
  start: async () => (await import('./start.ts')).startCommand(),
  convert: async () => (await import('./convert/convert.ts')).convertCommand(),
  upload: async () => (await import('./upload/upload.ts')).uploadCommand(),
  status: async () => (await import('./status/status.ts')).statusCommand(),
  backfill: async () => (await import('./backfill.ts')).backfillCommand(),
  estimate: async () => (await import('./estimate/estimate.ts')).estimateCommand(),
  dlq: async () => (await import('./dlq/dlq.ts')).dlqCommand(),
  redrive: async () => (await import('./redrive/redrive.ts')).redriveCommand(),
  drill: async () => (await import('./drill/drill.ts')).drillCommand(),
  ui: async () => (await import('./ui.ts')).uiCommand(),
};

const HINT = '(add --help for the options and an example)';
const EXAMPLE = `
Example:
  $ millrace start
  $ millrace upload photos --wait   # in another terminal
For details of a command: millrace upload --help`;

/**
 * Returns the `millrace` command. On wrong usage, it throws instead of ending the process.
 * @param words the arguments of `millrace`. Loads only the subcommand that they call, or all without arguments
 */
export async function createProgram(words: readonly string[] = []): Promise<Command> {
  const program = new Command('millrace')
    .description('Bulk uploads in, converted objects out: on AWS and on this machine with the same code.')
    .version(version())
    // Otherwise, a command parses options that follow its subcommand's name.
    .enablePositionalOptions()
    .addHelpText('after', EXAMPLE);
  for (const load of calledBy(words)) program.addCommand(await load());
  return strict(program);
}

function calledBy([first = '']: readonly string[]): (() => Promise<Command>)[] {
  if (first === '--version' || first === '-V') return [];
  const called = Object.hasOwn(SUBCOMMANDS, first) ? SUBCOMMANDS[first] : undefined;
  // Help and the suggestions for a mistyped name need all subcommands.
  return called === undefined ? Object.values(SUBCOMMANDS) : [called];
}

function strict(command: Command): Command {
  for (const subcommand of command.commands) strict(subcommand);
  return command.exitOverride().showHelpAfterError(HINT).hook('preSubcommand', refuseOptionsBefore);
}

/**
 * Refuses options before a subcommand, as in `dlq --stack prod purge`: they would be its parent's, and be ignored.
 */
function refuseOptionsBefore(command: Command, subcommand: Command): void {
  const given = command.options.filter(
    (option) => command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  if (given.length === 0) return;
  throw new CommandError(
    EXIT.wrongUsage,
    `put options after ${subcommand.name()}: ${command.name()} ${subcommand.name()} ${given.map(({ long }) => long).join(' ')} …`,
  );
}

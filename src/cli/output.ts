import { createInterface } from 'node:readline/promises';
import { CommandError, EXIT } from './exit-codes.ts';

const NOTHING_CHANGED = 'nothing was changed';

/** Erases the live line of `showProgress`, which the next line replaces. */
const ERASE_LINE = '\r\u001b[2K';

function writeLine(stream: NodeJS.WriteStream, text: string): void {
  stream.write(`${isLive() ? ERASE_LINE : ''}${text.endsWith('\n') ? text : `${text}\n`}`);
}

/** Returns whether both outputs are terminals. Only then are there live lines and prompts. */
export function isLive(): boolean {
  return process.stdout.isTTY && process.stderr.isTTY;
}

/** Prints a line of `--json`. */
export function printJson(line: object): void {
  writeLine(process.stdout, JSON.stringify(line));
}

export function print(text: string): void {
  writeLine(process.stdout, text);
}

/** Prints a hint on stderr, apart from the data. */
export function hint(text: string): void {
  writeLine(process.stderr, text);
}

/** Replaces the live line. */
export function drawLive(text: string): void {
  process.stderr.write(ERASE_LINE + text.slice(0, Math.max(20, process.stderr.columns - 1)));
}

export function isInteractive(): boolean {
  return process.stdin.isTTY && isLive();
}

/**
 * Asks for confirmation on a terminal.
 * @returns whether the answer was yes
 * @throws CommandError on Ctrl-C or Ctrl-D
 */
export async function confirm(question: string): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question(`${question} [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name !== 'AbortError') throw cause;
    process.stderr.write('\n');
    throw new CommandError(EXIT.interrupted, NOTHING_CHANGED, { cause });
  } finally {
    prompt.close();
  }
}

/**
 * Requires confirmation of a change, by `--yes` or at the prompt.
 * @throws CommandError if there is no terminal, or the answer is no
 */
export async function agree(question: string, yes: boolean | undefined): Promise<void> {
  if (yes === true) return;
  if (!isInteractive())
    throw new CommandError(
      EXIT.wrongUsage,
      `${question} This is not an interactive terminal: confirm with --yes`,
    );
  if (!(await confirm(question))) throw new CommandError(EXIT.interrupted, NOTHING_CHANGED);
}

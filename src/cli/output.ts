import { createInterface } from 'node:readline/promises';
import { CommandError, EXIT } from './exit-codes.ts';

/** A line of `--json`. */
export function printJson(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Progress and hints go beside the data. */
export function hint(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function isInteractive(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Asks on a terminal. @returns whether the answer was yes */
export async function confirm(question: string): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question(`${question} [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    prompt.close();
  }
}

/**
 * Lets a change go on only when it was agreed to: by `--yes`, or at the prompt.
 * @throws CommandError when nobody can be asked, or the answer was no
 */
export async function agree(question: string, yes: boolean | undefined): Promise<void> {
  if (yes === true) return;
  if (!isInteractive())
    throw new CommandError(EXIT.wrongUsage, `${question} Nobody can be asked here: add --yes`);
  if (!(await confirm(question))) throw new CommandError(EXIT.interrupted, 'nothing was changed');
}

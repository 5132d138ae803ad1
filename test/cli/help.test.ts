import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { millrace } from '../support/command.ts';

interface Named {
  path: string;
  command: Command;
}

/** The program and all its subcommands, with the words to type for them. */
function walk(command: Command, before: readonly string[] = []): Named[] {
  const words = [...before, command.name()];
  return [{ path: words.join(' '), command }, ...command.commands.flatMap((each) => walk(each, words))];
}

function helpOf(command: Command): string {
  let help = '';
  command.configureOutput({ writeOut: (text) => void (help += text) }).outputHelp();
  return help;
}

/** Parses a line like a shell, as far as the examples need it. */
function wordsOf(line: string): string[] {
  return [...line.replace(/\s#.*$/, '').matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, plain]) => single ?? double ?? plain ?? '',
  );
}

function examplesOf(command: Command): string[] {
  return [...helpOf(command).matchAll(/^ +\$ (millrace .*?)( > \S+)?$/gm)].map(([, line = '']) => line);
}

const program = await createProgram();
const all = walk(program);

it('the command tree is the documented interface', () => {
  expect(all.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      'millrace start',
      'millrace convert',
      'millrace upload',
      'millrace status',
      'millrace backfill',
      'millrace estimate',
      'millrace dlq',
      'millrace dlq show',
      'millrace dlq export',
      'millrace dlq purge',
      'millrace redrive',
      'millrace redrive status',
      'millrace redrive cancel',
      'millrace drill',
    ]),
  );
});

describe.each(all)('$path --help', ({ path, command }) => {
  it('has an example of this command', () => {
    expect(examplesOf(command).filter((line) => `${line} `.startsWith(`${path} `))).not.toEqual([]);
  });

  it('has examples that the command accepts', () => {
    for (const line of examplesOf(command)) {
      const [, ...words] = wordsOf(line);
      let called: Command = program;
      for (;;) {
        const next = called.commands.find((each) => each.name() === words[0]);
        if (next === undefined) break;
        words.shift();
        called = next;
      }
      const { operands, unknown } = called.parseOptions(words);
      expect(unknown, line).toEqual([]);
      const required = called.registeredArguments.filter((argument) => argument.required);
      expect(operands.length, line).toBeGreaterThanOrEqual(required.length);
    }
  });

  it('has a description of itself and each option', () => {
    expect(command.description()).not.toBe('');
    for (const option of command.options) expect(option.description, option.flags).not.toBe('');
  });
});

it('the real command prints help on stdout and ends with 0', async () => {
  const finished = await millrace('dlq', 'purge', '--help');
  expect(finished).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('Example:') });
});

it('prints its version', async () => {
  expect(await millrace('--version')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+/),
  });
});

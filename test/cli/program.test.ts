import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { millraceHere } from '../support/command-here.ts';

const NAMES = [
  'start',
  'convert',
  'upload',
  'status',
  'backfill',
  'estimate',
  'dlq',
  'redrive',
  'drill',
  'ui',
];

describe('the program', () => {
  it.each<[string[], string[]]>([
    [[], NAMES],
    [['--help'], NAMES],
    [['stauts'], NAMES],
    [['toString'], NAMES],
    [['--version'], []],
    [['-V'], []],
    ...NAMES.map((name): [string[], string[]] => [[name, 'photos'], [name]]),
  ])('for the words %j has the subcommands %j', async (words, names) => {
    const { commands } = await createProgram(words);
    expect(commands.map((command) => command.name())).toEqual(names);
  });

  it('suggests the subcommand that was meant, and how to get help', async () => {
    expect(await millraceHere('stauts')).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(
        /Did you mean status\?\)?\n[^]*add --help for the options and an example/,
      ),
    });
    expect(await millraceHere('dlq', 'export')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('add --help for the options and an example'),
    });
  });

  it('begins its help with its usage', async () => {
    const help = (await createProgram()).helpInformation();
    expect(help).toMatch(/^Usage: millrace \[options\] \[command\]\n/);
  });

  it('prints its version', async () => {
    expect(await millraceHere('--version')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });

  it('refuses options before a subcommand, which would be ignored', async () => {
    expect(await millraceHere('dlq', '--json', '--stack', 's', 'purge', '--export', 'x')).toMatchObject({
      code: 2,
      stderr: 'millrace: put options after purge: dlq purge --stack --json …\n',
    });
  });

  it('gives options after a subcommand to it', async () => {
    // Nothing listens there.
    const finished = await millraceHere('redrive', 'status', '--json', '--endpoint', 'http://127.0.0.1:1');
    expect(finished).toMatchObject({ code: 3, stderr: expect.stringContaining('no pipeline answers') });
  });
});

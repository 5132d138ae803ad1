import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import {
  describeRequest,
  withRedriveOptions,
  type RedriveOptions,
} from '../../../src/cli/redrive/options.ts';

function parse(...args: string[]): RedriveOptions {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  return withRedriveOptions(command).parse(args, { from: 'user' }).opts();
}

describe('the request of a redrive', () => {
  it.each([
    [[], 'all dead letters'],
    [['--code', 'image.corrupt', '--prefix', 'a/'], 'dead letters with code image.corrupt, prefix a/'],
    [['--from', 'a.jsonl'], 'all dead letters, from a.jsonl'],
    [['--archived'], 'all dead letters, from the archive'],
    [['--canary', '5', '--rate', '50'], 'all dead letters, canary 5, 50 per second'],
    [['--stop-if-failing', '12.5%', '--wait'], 'all dead letters, stop if 13 % fail, followed to the end'],
  ])('%j is recorded as %j', (args, text) => {
    expect(describeRequest(parse(...args))).toBe(text);
  });

  it('gives no reason by default', () => {
    expect(parse()).toEqual({ reason: '' });
  });
});

describe('--stop-if-failing', () => {
  it.each([
    ['20%', 0.2],
    ['20 %', 0.2],
    ['20', 0.2],
    ['0', 0],
    ['100%', 1],
    ['0.5', 0.005],
    ['12.25%', 0.1225],
  ])('%s is the share %d', (text, share) => {
    expect(parse('--stop-if-failing', text).stopIfFailing).toBe(share);
  });

  it.each(['100.1', '101%', '-1', 'a20', '20a', '20%%', '1.', '.5', '', '1e1', '%'])('is not %j', (text) => {
    expect(() => parse(`--stop-if-failing=${text}`)).toThrow('percentage from 0 to 100');
  });
});

describe('numbers', () => {
  it.each(['--canary', '--rate', '--timeout'])('of %s are at least 1', (option) => {
    expect(() => parse(option, '0')).toThrow('whole number from 1');
    expect(() => parse(option, '1.5')).toThrow('whole number from 1');
  });
});

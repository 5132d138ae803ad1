import { Command } from 'commander';
import { describe, expect, it, vi } from 'vitest';
import { filterOf, requireMatch, withFilter, type FilterOptions } from '../../src/cli/dead-letter-filter.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

/** Parses options as a command does. */
function filter(...args: string[]): FilterOptions {
  vi.useFakeTimers({ now: NOW });
  try {
    const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
    return filterOf(withFilter(command).parse(args, { from: 'user' }).opts());
  } finally {
    vi.useRealTimers();
  }
}

describe('--since', () => {
  it.each([
    ['90m', '2026-03-01T10:30:00.000Z'],
    ['6h', '2026-03-01T06:00:00.000Z'],
    ['10d', '2026-02-19T12:00:00.000Z'],
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['2026-01-31T08:15Z', '2026-01-31T08:15:00.000Z'],
    ['2026-01-31T08:15:42Z', '2026-01-31T08:15:42.000Z'],
    ['2026-01-31T08:15:42.125Z', '2026-01-31T08:15:42.125Z'],
    ['2026-01-31T08:15+02:30', '2026-01-31T05:45:00.000Z'],
    ['2026-01-31T08:15:42-01:00', '2026-01-31T09:15:42.000Z'],
  ])('%s is %s', (text, time) => {
    expect(filter('--since', text)).toEqual({ since: new Date(time) });
  });

  it("without an offset is in this machine's time zone", () => {
    expect(filter('--since', '2026-01-31T08:15')).toEqual({ since: new Date(2026, 0, 31, 8, 15) });
  });

  it.each(['', '5', '5s', '1h30m', 'm', '-1d', '1.5h', 'x2026-01-31', '2026-01-31x', 'Jan 31 2026', '2026'])(
    'is not %j, which could select too many',
    (text) => {
      expect(() => filter(`--since=${text}`)).toThrow('Expected an ISO 8601 time');
    },
  );
});

describe('--code', () => {
  it.each(['image.corrupt', 'process.died', 'invoices.total_missing'])('may be %s', (code) => {
    expect(filter('--code', code)).toEqual({ code });
  });

  it.each([
    ['image.corrup', 'did you mean image.corrupt'],
    ['image.corrxxt', 'did you mean image.corrupt'],
    ['corrupt', 'did you mean image.corrupt'],
    ['CORUPT', 'did you mean image.corrupt'],
    ['died', 'did you mean process.died'],
    ['Something', 'docs/runbook.md lists all codes'],
    ['', 'It is empty'],
  ])('is not %j: %s', (code, text) => {
    expect(() => filter(`--code=${code}`)).toThrow(text);
  });

  it('suggests at most three codes, the most similar first', () => {
    let message = '';
    try {
      filter('--code', 'imagecorrupt');
    } catch (error) {
      message = String(error);
    }
    const [, suggested = ''] = /did you mean (.*)\?/.exec(message) ?? [];
    expect(suggested.split(' or ')[0]).toBe('image.corrupt');
    expect(suggested.split(' or ').length).toBeLessThanOrEqual(3);
  });
});

describe('--key and --prefix', () => {
  it.each(['--key', '--prefix'])('%s is not empty, as an unset variable would be', (option) => {
    expect(filter(option, 'a b')).toEqual({ [option.slice(2)]: 'a b' });
    expect(() => filter(`${option}=`)).toThrow('leave the option out to choose all');
  });
});

describe('a selection without a match', () => {
  it('is an error that repeats it, unless everything was selected', () => {
    expect(() => requireMatch(0, { code: 'image.corrupt', prefix: 'a/' })).toThrow(
      'there are no dead letters with code image.corrupt',
    );
    expect(() => requireMatch(1, { code: 'image.corrupt' })).not.toThrow();
    expect(() => requireMatch(0, {})).not.toThrow();
  });
});

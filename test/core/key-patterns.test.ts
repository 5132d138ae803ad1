import { describe, expect, it } from 'vitest';
import { firstMatch } from '../../src/core/key-patterns.ts';

const matches = (pattern: string, key: string) => firstMatch([{ keys: [pattern] }])(key) !== undefined;

describe('a pattern', () => {
  it.each([
    ['*.csv', 'a.csv', true],
    ['*.csv', 'reports/2026/a.CSV', true],
    ['*.csv', '.csv', true],
    ['*.csv', 'a.csv/b', false],
    ['*.{csv,tsv}', 'a.tsv', true],
    ['reports/**', 'reports/a/b', true],
    ['reports/**', 'reports/.hidden/b', true],
    ['reports/**', 'old/reports/a', false],
    ['reports/*.csv', 'reports/a.csv', true],
    ['reports/*.csv', 'reports/2026/a.csv', false],
    ['**/*.csv', 'a.csv', true],
    ['**/*.csv', 'x//a.csv', true],
    ['*.csv', 'two\nlines.csv', true],
    ['**/b*', 'two\nlines/b', true],
  ])('%s for the key %j: %s', (pattern, key, expected) => {
    expect(matches(pattern, key)).toBe(expected);
  });
});

describe('of several entries', () => {
  const entries = [
    { keys: ['*.csv'], name: 'first' },
    { keys: ['a.*', 'b.*'], name: 'second' },
    { name: 'rest' },
  ];
  const find = firstMatch(entries);

  it('the first match counts', () => {
    expect(find('a.csv')?.name).toBe('first');
    expect(find('b.txt')?.name).toBe('second');
  });

  it('an entry without patterns matches every key', () => {
    expect(find('x/y')?.name).toBe('rest');
    expect(firstMatch(entries.slice(0, 2))('x/y')).toBeUndefined();
  });
});

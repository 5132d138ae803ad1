import { describe, expect, it } from 'vitest';
import { byteCount, count, duration, quantity, table } from '../../src/cli/format.ts';
import { describeCount, describeRate } from '../../src/cli/progress.ts';

describe('what the command shows to people', () => {
  it.each([
    [0, '0 s'],
    [59, '59 s'],
    [60, '1 min 0 s'],
    [3599, '59 min 59 s'],
    [3600, '1 h 0 min'],
    [5400, '1 h 30 min'],
    [59.2, '1 min 0 s'],
    [119.5, '2 min 0 s'],
    [3599.5, '1 h 0 min'],
    [7199, '2 h 0 min'],
    [86_340, '23 h 59 min'],
    [86_399, '1 d 0 h'],
    [86_400, '1 d 0 h'],
    [1_209_600, '14 d 0 h'],
    [1_209_594, '13 d 23 h'],
    [100_000, '1 d 3 h'],
  ])('%i seconds are %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  it.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1000, '1.0 KB'],
    [99_940, '99.9 KB'],
    [123_456, '123 KB'],
    [2_500_000_000, '2.5 GB'],
    [7_000_000_000_000_000, '7000 TB'],
  ])('%i bytes are %s', (bytes, text) => {
    expect(byteCount(bytes)).toBe(text);
  });

  it('numbers have separators, and nouns their plural', () => {
    expect(count(1_234_567)).toBe('1,234,567');
    expect([0, 1, 2000].map((value) => quantity(value, 'dead letter'))).toEqual([
      '0 dead letters',
      '1 dead letter',
      '2,000 dead letters',
    ]);
  });

  it('tables have columns of equal width, without spaces at the ends of lines', () => {
    const shown = table(
      ['KEY', 'STATE'],
      [
        ['a\nb.jpg', 'converted'],
        ['c', ''],
      ],
    );
    expect(shown).toBe('KEY       STATE\na\\nb.jpg  converted\nc\n');
  });

  it('progress is how much is done, how fast, and how long the rest takes', () => {
    expect(describeRate(25, 100, 10)).toBe('25 of 100 (25 %) · 2.5 per second · 30 s left');
    expect(describeRate(100, 100, 10)).toBe('100 of 100 (100 %) · 10.0 per second');
    expect(describeRate(0, 100, 0)).toBe('0 of 100 (0 %) · 0.0 per second');
    expect(describeRate(0, 0, 1)).toBe('0 of 0 (100 %) · 0.0 per second');
    expect(describeRate(999, 1000, 1)).toBe('999 of 1000 (99 %) · 999.0 per second · 1 s left');
    expect(describeCount(30, 20)).toBe('30 · 1.5 per second');
  });
});

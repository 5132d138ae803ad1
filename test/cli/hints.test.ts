import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { hintKept } from '../../src/cli/convert/hint-kept.ts';
import { hintIgnored } from '../../src/cli/hint-ignored.ts';

let printed: string;
beforeEach(() => {
  printed = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

it('says how many files were ignored, if any, and why', () => {
  hintIgnored(0, ['.DS_Store']);
  expect(printed).toBe('');
  hintIgnored(1, ['.DS_Store', 'a\u001b*']);
  expect(printed).toBe('ignored 1 file (.DS_Store, a\\u001b*)\n');
});

it.each([
  [['a.jpg'], /^1 file .*: a\.jpg\n$/],
  [['a\u001b', 'b', 'c'], /^3 files .*: a\\u001b, b, c\n$/],
  [['a', 'b', 'c', 'd'], /^4 files .*: a, b, c, …\n$/],
])('names at most three of the files %j that keep their extensions', (keys, text) => {
  hintKept(keys);
  expect(printed).toMatch(text);
});

it('says nothing if no file keeps its extension', () => {
  hintKept([]);
  expect(printed).toBe('');
});

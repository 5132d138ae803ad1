import picomatch from 'picomatch';

/** Selects uploads: by key patterns, or all. */
export interface KeyPatterns {
  keys?: readonly string[] | undefined;
}

const OPTIONS = { dot: true, flags: 'is' } as const;

/**
 * Returns a function that finds the first entry whose patterns match a key. `*` matches any characters but a slash,
 * `**` whole parts of a key; letter case does not matter. A pattern without a slash matches the last part of the key.
 * An entry without patterns matches every key.
 */
export function firstMatch<T extends KeyPatterns>(entries: readonly T[]): (key: string) => T | undefined {
  const tests = entries.map(({ keys }) => keys?.map(testOf));
  return (key) => entries[tests.findIndex((each) => each === undefined || each.some((test) => test(key)))];
}

function testOf(pattern: string): (key: string) => boolean {
  const expression = picomatch.makeRe(pattern, OPTIONS);
  const whole = pattern.includes('/');
  return (key) => expression.test(whole ? key : key.slice(key.lastIndexOf('/') + 1));
}

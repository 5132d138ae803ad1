import { expect, it } from 'vitest';
import { defined } from '../../src/core/defined.ts';

it('leaves out exactly the undefined properties', () => {
  const object = defined({ a: undefined, b: null, c: 0, d: '', e: false });
  expect(Object.keys(object)).toEqual(['b', 'c', 'd', 'e']);
});

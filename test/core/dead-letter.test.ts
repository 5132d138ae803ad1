import { expect, it } from 'vitest';
import { attributeText } from '../../src/core/dead-letter.ts';

it('a reason keeps its words, line breaks and tabs', () => {
  expect(attributeText('line\tone\nline two\r – 🏞️')).toBe('line\tone\nline two\r – 🏞️');
});

it.each(['\0', '\b', '\u000b', '\u000c', '\u000e', '\u001f', '\ufffe', '\uffff'])(
  'a reason loses what SQS refuses: %j',
  (character) => {
    expect(attributeText(`a${character}b${character}`)).toBe('a b ');
  },
);

it('a reason is cut to 1,000 units, and never within a character', () => {
  expect(attributeText('x'.repeat(1500))).toBe('x'.repeat(1000));
  const cut = attributeText(`${'x'.repeat(999)}🏞`);
  expect(cut.isWellFormed()).toBe(true);
  expect(cut).toHaveLength(1000);
});

it('half a character is replaced, because SQS takes UTF-8 only', () => {
  expect(attributeText('a\ud800b')).toBe('a\ufffdb');
});

it('no reason is a space, because SQS takes no empty attribute', () => {
  expect(attributeText('')).toBe(' ');
});

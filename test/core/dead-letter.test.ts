import { expect, it } from 'vitest';
import { attributeText } from '../../src/core/dead-letter.ts';

it('a reason keeps its words, line breaks and tabs', () => {
  expect(attributeText('line\tone\nline two\r – 🏞️')).toBe('line\tone\nline two\r – 🏞️');
});

it.each(['\0', '\b', '\u000b', '\u000c', '\u000e', '\u001f', '\ufffe', '\uffff'])(
  'a reason loses characters that SQS refuses: %j',
  (character) => {
    expect(attributeText(`a${character}b${character}`)).toBe('a b ');
  },
);

it('a reason is truncated to 1,000 code units, never within a character', () => {
  expect(attributeText('x'.repeat(1500))).toBe('x'.repeat(1000));
  const cut = attributeText(`${'x'.repeat(999)}🏞`);
  expect(cut.isWellFormed()).toBe(true);
  expect(cut).toHaveLength(1000);
});

it('half a surrogate pair is replaced, because SQS accepts only UTF-8', () => {
  expect(attributeText('a\ud800b')).toBe('a\ufffdb');
});

it('an empty reason becomes a space, because SQS accepts no empty attributes', () => {
  expect(attributeText('')).toBe(' ');
});

import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

/**
 * Excludes texts for people from mutation: their wording is not part of any contract, and a test that repeats it
 * proves nothing. A text is a literal with a word next to a space. Names (codes, keys, headers, fields) have no spaces
 * and are mutated, and so are templates that call or decide something.
 */
const WORD_BESIDE_A_SPACE = /[a-z]{2}[,:;.)"]?\s|\s["(]?[a-z]{2}/i;
const PLAIN = new Set(['Identifier', 'MemberExpression', 'OptionalMemberExpression']);

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'texts', {
    shouldIgnore({ node }) {
      if (node.type === 'StringLiteral')
        return WORD_BESIDE_A_SPACE.test(node.value) ? 'a text for people' : undefined;
      if (node.type !== 'TemplateLiteral') return undefined;
      if (!node.expressions.every(({ type }) => PLAIN.has(type))) return undefined;
      return node.quasis.some(({ value }) => WORD_BESIDE_A_SPACE.test(value.raw))
        ? 'a text for people'
        : undefined;
    },
  }),
];

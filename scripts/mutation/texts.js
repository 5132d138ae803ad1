import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

/**
 * Leaves out texts for people: their wording is nobody's contract, and a test that repeats it shows nothing. A text is
 * a literal with a word beside a space. Names (codes, keys, headers, fields) have no spaces and stay in, as does a
 * template that calls or decides something.
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

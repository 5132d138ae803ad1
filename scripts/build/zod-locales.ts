import type { Plugin } from 'esbuild';

/**
 * Leaves out zod's locales: 264 kB of messages in languages that nothing here asks for. Bundlers keep them because
 * `z` is passed on as a value. English is not among what is left out: zod loads it by itself.
 */
export const withoutLocales: Plugin = {
  name: 'zod-without-locales',
  setup({ onLoad }) {
    onLoad({ filter: /node_modules[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
      loader: 'js',
    }));
  },
};

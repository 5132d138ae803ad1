import type { Plugin } from 'esbuild';

/**
 * Excludes zod's locales: 264 kB of messages in languages that nothing here uses. Bundlers keep them because `z` is
 * passed as a value. English stays, because zod imports it directly.
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

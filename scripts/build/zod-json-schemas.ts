import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/**
 * Leaves out zod's JSON schemas: 16 kB that bundlers keep because each schema can make its own, which no function asks
 * for. Every export of the modules becomes one function that says so.
 */
export const withoutJsonSchemas: Plugin = {
  name: 'zod-without-json-schemas',
  setup({ onLoad }) {
    onLoad(
      { filter: /node_modules[\\/]zod[\\/]v4[\\/]core[\\/](json-schema-processors|to-json-schema)\.js$/ },
      async ({ path }) => {
        const text = await readFile(path, 'utf8');
        const names = [...text.matchAll(/^export (?:const|function) (\w+)/gm)].map(([, name]) => name);
        if (/\bprocessSchema as process\b/.test(text)) names.push('process');
        const left =
          "const leftOut = () => { throw new Error('JSON schemas are left out of this bundle'); };";
        return {
          contents: `${left}\nexport { ${names.map((name) => `leftOut as ${name}`).join(', ')} };`,
          loader: 'js',
        };
      },
    );
  },
};

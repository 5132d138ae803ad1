import { basename, join } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * Keeps modules of ours that are imported with `import()` out of a bundle: each becomes a file beside it, which is
 * loaded when it is needed. esbuild can split ES modules only, and would put them into the bundle.
 * @param found gets their sources, by the names of their files
 */
export function lazyModules(found: Map<string, string>): Plugin {
  return {
    name: 'lazy-modules',
    setup({ onResolve }) {
      onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ kind, path, resolveDir }) => {
        if (kind !== 'dynamic-import') return undefined;
        const file = basename(path).replace(/\.ts$/, '.js');
        const source = join(resolveDir, path);
        if ((found.get(file) ?? source) !== source)
          throw new Error(`two modules that are loaded lazily are called ${file}`);
        found.set(file, source);
        return { path: `./${file}`, external: true };
      });
    },
  };
}

import { basename, join } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * Keeps the project's modules that are imported with `import()` out of a bundle. Each becomes a separate file beside
 * it, loaded on first use. esbuild can split only ES modules; it would include these modules in the bundle.
 * @param found receives the source paths, by file name
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
          throw new Error(`two lazily loaded modules have the file name ${file}: rename one`);
        found.set(file, source);
        return { path: `./${file}`, external: true };
      });
    },
  };
}

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { PageAssets } from '../api/pages/assets.ts';

const FOLDER = fileURLToPath(new URL('../api/pages/', import.meta.url));
const PAGES = ['upload'];
const TYPES = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

/** Makes what browsers load of the pages' sources: some tens of milliseconds, so nothing is built ahead. */
export async function bundlePages(): Promise<PageAssets> {
  const { outputFiles } = await build({
    absWorkingDir: FOLDER,
    entryPoints: PAGES.flatMap((page) => [`${page}/main.ts`, `${page}/style.css`]),
    outbase: FOLDER,
    outdir: '/',
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
  });
  const bundled = outputFiles.map(({ path, text }): [string, { contentType: string; body: string }] => {
    const name = path.replaceAll('\\', '/').replace(/^(\w:)?\//, '');
    return [name, { contentType: name.endsWith('.css') ? TYPES.css : TYPES.js, body: text }];
  });
  const documents = PAGES.map(async (page): Promise<(typeof bundled)[number]> => {
    const name = `${page}/page.html`;
    return [name, { contentType: TYPES.html, body: await readFile(FOLDER + name, 'utf8') }];
  });
  return Object.fromEntries([...bundled, ...(await Promise.all(documents))]);
}

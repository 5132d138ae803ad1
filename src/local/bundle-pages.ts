import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { PageAsset, PageAssets } from '../api/pages/assets.ts';

const FOLDER = fileURLToPath(new URL('../api/pages/', import.meta.url));
const PAGES = ['upload'];
const TYPES = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};
type Named = [string, PageAsset];

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
  const bundled = outputFiles.map(({ path, text }): Named => {
    const name = path.replaceAll('\\', '/').replace(/^(\w:)?\//, '');
    return [name, { contentType: name.endsWith('.css') ? TYPES.css : TYPES.js, body: text }];
  });
  const asTheyAre = PAGES.flatMap((page) => [
    readAsset(`${page}/page.html`, TYPES.html),
    readAsset(`${page}/icon.svg`, TYPES.svg),
  ]);
  return Object.fromEntries([...bundled, ...(await Promise.all(asTheyAre))]);
}

async function readAsset(name: string, contentType: string): Promise<Named> {
  return [name, { contentType, body: await readFile(FOLDER + name, 'utf8') }];
}

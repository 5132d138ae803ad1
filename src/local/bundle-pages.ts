import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { marked } from 'marked';
import type { PageAsset, PageAssets } from '../api/pages/assets.ts';

const FOLDER = fileURLToPath(new URL('../api/pages/', import.meta.url));
const RUNBOOK = fileURLToPath(new URL('../../docs/runbook.md', import.meta.url));
const SCRIPTED = ['upload', 'operations'];
const PAGES = [...SCRIPTED, 'runbook'];
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
    entryPoints: [...SCRIPTED.map((page) => `${page}/main.ts`), ...PAGES.map((page) => `${page}/style.css`)],
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
  const [icon, runbook, ...pages] = await Promise.all([
    readAsset('shared/icon.svg', TYPES.svg),
    renderRunbook(),
    ...PAGES.map((page) => readAsset(`${page}/page.html`, TYPES.html)),
  ]);
  const filled = pages.map(([name, { contentType, body }]): Named => {
    return [name, { contentType, body: body.replace('{{runbook}}', () => runbook) }];
  });
  return Object.fromEntries([...bundled, icon, ...filled]);
}

/** The runbook with headings that can be linked to by what they say: `#image.corrupt`. */
async function renderRunbook(): Promise<string> {
  const html = await marked(await readFile(RUNBOOK, 'utf8'));
  return html.replaceAll(/<h2>([\w.-]+)<\/h2>/g, '<h2 id="$1">$1</h2>');
}

async function readAsset(name: string, contentType: string): Promise<Named> {
  return [name, { contentType, body: await readFile(FOLDER + name, 'utf8') }];
}

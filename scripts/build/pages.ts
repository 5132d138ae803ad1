import { readFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { marked } from 'marked';
import type { PageAsset, PageAssets } from '../../src/core/pages-file.ts';

const FOLDER = 'src/pages';
const RUNBOOK = 'docs/runbook.md';
const SCRIPTED = ['upload', 'operations'];
const PAGES = [...SCRIPTED, 'runbook'];
const TYPES = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};
type Named = [string, PageAsset];

/** Returns the files that browsers load, as the JSON that the API reads: `PageAssets`. */
export async function bundlePages(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [
      ...SCRIPTED.map((page) => `${FOLDER}/${page}/main.ts`),
      ...PAGES.map((page) => `${FOLDER}/${page}/style.css`),
    ],
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
  const assets: PageAssets = Object.fromEntries([...bundled, icon, ...filled]);
  return JSON.stringify(assets);
}

/** Renders the runbook with an id for each heading, for links such as `#image.corrupt`. */
async function renderRunbook(): Promise<string> {
  const html = await marked(await readFile(RUNBOOK, 'utf8'));
  return html.replaceAll(/<h2>([\w.-]+)<\/h2>/g, '<h2 id="$1">$1</h2>');
}

async function readAsset(name: string, contentType: string): Promise<Named> {
  return [name, { contentType, body: await readFile(`${FOLDER}/${name}`, 'utf8') }];
}

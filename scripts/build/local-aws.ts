import { readFile } from 'node:fs/promises';
import { compile } from './compile.ts';
import { withExtension } from './declarations.ts';
import { DIST, fillFolder } from './outputs.ts';

const PACKAGE = 'packages/local-aws';
/** The published folder: `npm publish dist/local-aws`. */
export const LOCAL_AWS = `${DIST}/local-aws`;

interface Manifest {
  private?: boolean;
  exports: Record<string, string>;
}

/** Compiles the local AWS's package, file by file, and adds its package.json, README and license. */
export async function buildLocalAws(): Promise<void> {
  const files = await compile(`${PACKAGE}/tsconfig.build.json`);
  for (const [path, text] of files) if (path.endsWith('.d.ts')) files.set(path, withExtension(text, '.js'));
  files.set('package.json', published(await readFile(`${PACKAGE}/package.json`, 'utf8')));
  files.set('README.md', await readFile(`${PACKAGE}/README.md`, 'utf8'));
  files.set('LICENSE', await readFile('LICENSE', 'utf8'));
  await fillFolder(LOCAL_AWS, files);
}

/** Returns the published package.json. The one in the checkout exports sources. */
function published(text: string): string {
  const { private: _private, ...manifest } = JSON.parse(text) as Manifest;
  const exports = Object.entries(manifest.exports).map(([name, source]) => {
    const path = source.replace(/^\.\/src\//, './').replace(/\.ts$/, '');
    return [name, path.endsWith('.json') ? path : { types: `${path}.d.ts`, default: `${path}.js` }];
  });
  return `${JSON.stringify({ ...manifest, exports: Object.fromEntries(exports) }, undefined, 2)}\n`;
}

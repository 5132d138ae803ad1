import { readFile } from 'node:fs/promises';
import { compile } from './compile.ts';
import { withExtension } from './declarations.ts';
import { DIST, fillFolder } from './outputs.ts';

const PACKAGE = 'packages/local-aws';
/** The folder that is published: `npm publish dist/local-aws`. */
export const LOCAL_AWS = `${DIST}/local-aws`;

interface Manifest {
  private?: boolean;
  exports: Record<string, string>;
}

/** Compiles the package of the local AWS, file by file, and adds what belongs into a package. */
export async function buildLocalAws(): Promise<void> {
  const files = await compile(`${PACKAGE}/tsconfig.build.json`);
  for (const [path, text] of files) if (path.endsWith('.d.ts')) files.set(path, withExtension(text, '.js'));
  files.set('package.json', published(await readFile(`${PACKAGE}/package.json`, 'utf8')));
  files.set('README.md', await readFile(`${PACKAGE}/README.md`, 'utf8'));
  files.set('LICENSE', await readFile('LICENSE', 'utf8'));
  await fillFolder(LOCAL_AWS, files);
}

/** The package.json that is published: the one in the checkout exports sources. */
function published(text: string): string {
  const { private: _private, ...manifest } = JSON.parse(text) as Manifest;
  const exports = Object.entries(manifest.exports).map(([name, source]) => {
    const path = source.replace(/^\.\/src\//, './').replace(/\.ts$/, '');
    return [name, path.endsWith('.json') ? path : { types: `${path}.d.ts`, default: `${path}.js` }];
  });
  return `${JSON.stringify({ ...manifest, exports: Object.fromEntries(exports) }, undefined, 2)}\n`;
}

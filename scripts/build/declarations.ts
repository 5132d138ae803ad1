import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { DIST, fillFolder } from './outputs.ts';

/** Writes the type declarations of everything that is exported. */
export async function buildDeclarations(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-types-'));
  try {
    await promisify(execFile)('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json', '--outDir', folder]);
    const files = new Map<string, string>();
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile())
        files.set(relative(folder, path).replaceAll('\\', '/'), forJavaScript(await readFile(path, 'utf8')));
    }
    await fillFolder(`${DIST}/types`, files);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Renames `.ts` imports to `.js`: the compiler leaves them in declarations as they are in the sources. */
function forJavaScript(declaration: string): string {
  return declaration.replaceAll(/((?:from |import |import\()(['"])\.[^'"]*)\.ts\2/g, '$1.js$2');
}

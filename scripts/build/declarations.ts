import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix, relative } from 'node:path';
import { promisify } from 'node:util';
import { DIST, fillFolder } from './outputs.ts';

/** A relative import in a declaration: what comes before its extension, the quote, and the extension. */
const IMPORT = /((?:from |import |import\()(['"])(\.[^'"]*))\.ts\2/g;

/** Writes the type declarations of everything that is exported; those of the constructs also for CommonJS. */
export async function buildDeclarations(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-types-'));
  try {
    await promisify(execFile)('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json', '--outDir', folder]);
    const sources = new Map<string, string>();
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile())
        sources.set(relative(folder, path).replaceAll('\\', '/'), await readFile(path, 'utf8'));
    }
    const files = new Map<string, string>();
    for (const [path, text] of sources) files.set(path, withExtension(text, '.js'));
    for (const path of importedFrom('cdk/index.d.ts', sources))
      files.set(path.replace(/ts$/, 'cts'), withExtension(sources.get(path) ?? '', '.cjs'));
    await fillFolder(`${DIST}/types`, files);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Renames `.ts` imports: the compiler leaves them in declarations as they are in the sources. */
function withExtension(declaration: string, extension: '.js' | '.cjs'): string {
  return declaration.replaceAll(IMPORT, `$1${extension}$2`);
}

/** Returns a declaration and all that it imports, directly or not. */
function importedFrom(
  path: string,
  sources: ReadonlyMap<string, string>,
  found = new Set<string>(),
): Set<string> {
  if (found.has(path)) return found;
  found.add(path);
  for (const [, , , imported = ''] of (sources.get(path) ?? '').matchAll(IMPORT))
    importedFrom(`${posix.join(posix.dirname(path), imported)}.d.ts`, sources, found);
  return found;
}

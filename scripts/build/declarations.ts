import { posix } from 'node:path';
import { compile } from './compile.ts';
import { DIST, fillFolder } from './outputs.ts';

/** A relative import in a declaration: what comes before its extension, the quote, and the extension. */
const IMPORT = /((?:from |import |import\()(['"])(\.[^'"]*))\.ts\2/g;

const CONSTRUCTS = 'cdk/index.d.ts';
const ENTRIES = [
  'src/index.d.ts',
  'src/config.d.ts',
  'src/client/index.d.ts',
  'src/local/index.d.ts',
  'src/testing/index.d.ts',
  'src/worker/index.d.ts',
];

/** Writes the type declarations of everything that is exported; those of the constructs also for CommonJS. */
export async function buildDeclarations(): Promise<void> {
  const sources = await compile('tsconfig.build.json');
  const files = new Map<string, string>();
  for (const path of importedFrom([...ENTRIES, CONSTRUCTS], sources))
    files.set(path, withExtension(sources.get(path) ?? '', '.js'));
  for (const path of importedFrom([CONSTRUCTS], sources))
    files.set(path.replace(/ts$/, 'cts'), withExtension(sources.get(path) ?? '', '.cjs'));
  await fillFolder(`${DIST}/types`, files);
}

/** Renames `.ts` imports: the compiler leaves them in declarations as they are in the sources. */
export function withExtension(declaration: string, extension: '.js' | '.cjs'): string {
  return declaration.replaceAll(IMPORT, `$1${extension}$2`);
}

/**
 * Returns declarations and all that they import, directly or not.
 * @throws Error when one is missing, or imports a package of the workspace, which other projects do not have
 */
function importedFrom(
  paths: readonly string[],
  sources: ReadonlyMap<string, string>,
  found = new Set<string>(),
): Set<string> {
  for (const path of paths.filter((each) => !found.has(each))) {
    found.add(path);
    const text = sources.get(path);
    if (text === undefined) throw new Error(`${path} was not compiled: add it to tsconfig.build.json`);
    if (text.includes("from '@millrace/")) throw new Error(`${path} imports a package that is bundled`);
    const imported = [...text.matchAll(IMPORT)].map(([, , , name = '']) => name);
    importedFrom(
      imported.map((name) => `${posix.join(posix.dirname(path), name)}.d.ts`),
      sources,
      found,
    );
  }
  return found;
}

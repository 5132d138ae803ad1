import { posix } from 'node:path';
import { compile } from './compile.ts';
import { DIST, fillFolder } from './outputs.ts';

/** Matches a relative import in a declaration. The groups are the text before `.ts`, the quote and the path. */
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

/** Writes the type declarations of all exports; those of the constructs also for CommonJS. */
export async function buildDeclarations(): Promise<void> {
  const sources = await compile('tsconfig.build.json');
  const files = new Map<string, string>();
  for (const path of importedFrom([...ENTRIES, CONSTRUCTS], sources))
    files.set(path, withExtension(sources.get(path) ?? '', '.js'));
  for (const path of importedFrom([CONSTRUCTS], sources))
    files.set(path.replace(/ts$/, 'cts'), withExtension(sources.get(path) ?? '', '.cjs'));
  await fillFolder(`${DIST}/types`, files);
}

/** Renames `.ts` imports, which the compiler leaves unchanged in declarations. */
export function withExtension(declaration: string, extension: '.js' | '.cjs'): string {
  return declaration.replaceAll(IMPORT, `$1${extension}$2`);
}

/**
 * Returns declarations and everything that they import, directly or indirectly.
 * @throws Error if one is missing, or imports a workspace package, which other projects do not have
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
    if (text.includes("from '@millrace/"))
      throw new Error(`${path} imports @millrace/…, whose types are not published: declare the type here`);
    const imported = [...text.matchAll(IMPORT)].map(([, , , name = '']) => name);
    importedFrom(
      imported.map((name) => `${posix.join(posix.dirname(path), name)}.d.ts`),
      sources,
      found,
    );
  }
  return found;
}

import { readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { minify } from 'terser';

/**
 * Takes out of a bundle what nobody uses, in place: the descriptions of all operations of S3, for example, which
 * esbuild keeps because their keys are computed. What is left is parsed faster at each start.
 */
export async function minifyBundle(file: string): Promise<void> {
  const { code } = await minify(await readFile(file, 'utf8'), {
    toplevel: true,
    // V8 holds and parses what is all ASCII in half the space.
    format: { ascii_only: true },
  });
  if (code === undefined) throw new Error(`terser made nothing of ${file}`);
  await writeFile(file, code);
}

const [, script, file] = process.argv;
if (script !== undefined && import.meta.url === pathToFileURL(script).href) {
  if (file === undefined) throw new Error('usage: tsx scripts/minify-bundle.ts FILE');
  await minifyBundle(file);
}

import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Metafile } from 'esbuild';

/** The file in each folder that is deployed or published. */
export const LICENSES_FILE = 'third-party-licenses.txt';

/** Licenses of libraries whose package does not contain them, by the package's name. */
const MISSING: Readonly<Record<string, readonly string[]>> = {
  // PDFium is licensed under Apache-2.0, too; the text is the same as ours.
  '@hyzyla/pdfium': ['scripts/build/pdfium-license.txt', 'LICENSE'],
};

/**
 * Returns the licenses of the packages in these bundles, each text once.
 * @param beside packages that are not bundled, but installed beside the bundles
 */
export async function licensesOf(
  metafiles: readonly Metafile[],
  beside: readonly string[] = [],
): Promise<string> {
  const folders = new Set(beside.map((name) => `node_modules/${name}`));
  for (const { inputs } of metafiles)
    for (const input of Object.keys(inputs)) {
      // A package that is a link can be anywhere, and its path from here need not contain `node_modules`.
      const path = input.startsWith('..') ? resolve(input) : input;
      const [folder] = /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path) ?? [];
      if (folder !== undefined) folders.add(folder);
    }
  const titles = new Map<string, Set<string>>();
  for (const folder of [...folders].toSorted()) {
    const { title, text } = await licenseOf(folder);
    titles.set(text, (titles.get(text) ?? new Set()).add(title));
  }
  return [...titles]
    .map(([text, of]) => `${[...of].join('\n')}\n\n${text}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/** @throws Error if a package has no license file and names no license */
async function licenseOf(folder: string): Promise<{ title: string; text: string }> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string | { type: string };
  };
  const file = (await readdir(folder)).find((each) => /^licen[cs]e/i.test(each));
  if (file === undefined && license === undefined) throw new Error(`${folder} names no license`);
  const files = [...(file === undefined ? [] : [join(folder, file)]), ...(MISSING[name] ?? [])];
  const texts = await Promise.all(files.map((each) => readFile(each, 'utf8')));
  const type = typeof license === 'object' ? license.type : license;
  return {
    title: `${name} ${version} (${type ?? 'see below'})`,
    text: texts.map((text) => text.trim()).join('\n\n'),
  };
}

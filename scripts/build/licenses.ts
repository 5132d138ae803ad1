import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** Returns the licenses of the packages in these bundles. */
export async function licensesOf(metafiles: readonly Metafile[]): Promise<string> {
  const folders = new Set<string>();
  for (const { inputs } of metafiles)
    for (const input of Object.keys(inputs)) {
      const [folder] = /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(input) ?? [];
      if (folder !== undefined) folders.add(folder);
    }
  const texts = await Promise.all([...folders].toSorted().map(licenseOf));
  return [...new Set(texts)].join(`\n${'-'.repeat(80)}\n\n`);
}

/** @throws Error if a package has no license file and names no license */
async function licenseOf(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const file = (await readdir(folder)).find((each) => /^licen[cs]e/i.test(each));
  if (file === undefined && license === undefined) throw new Error(`${folder} names no license`);
  const text = file === undefined ? '' : (await readFile(join(folder, file), 'utf8')).trim();
  return `${name} ${version} (${license ?? 'see below'})\n\n${text}\n`;
}

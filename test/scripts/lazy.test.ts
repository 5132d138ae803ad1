import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bundleFunction, shrunk } from '../../scripts/build/functions.ts';

it('a function loads lazy imports from a file beside its bundle, on first use', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-lazy-'));
  try {
    const file = (name: string) => join(folder, name);
    await writeFile(file('later.ts'), "export const word = 'found' + 'later';");
    await writeFile(file('entry.ts'), "export const later = async () => (await import('./later.ts')).word;");
    const { code, lazy } = await bundleFunction(file('entry.ts'));
    expect([...lazy.keys()]).toEqual(['later.js']);
    const { later } = await written('index.cjs', code);
    await expect(later()).rejects.toThrow('later.js');
    await written('later.js', (await bundleFunction(lazy.get('later.js') ?? '')).code);
    await writeFile(file('package.json'), '{"type":"commonjs"}');
    expect(await later()).toBe('foundlater');

    async function written(name: string, bundle: string): Promise<{ later: () => Promise<string> }> {
      await writeFile(file(name), await shrunk(bundle));
      return createRequire(import.meta.url)(file(name)) as never;
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

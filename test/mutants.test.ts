import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { glob } from 'tinyglobby';
import { describe, expect, it } from 'vitest';
import { TEST_FILES } from '../vitest.config.ts';
import { mutated, undefinedNames } from './mutated.ts';
import { MUTANTS } from './mutants.ts';

const testFiles = await glob(TEST_FILES);
const read = (file: string) => readFile(file, 'utf8');

/** Reads a test file, with the files that it imports as parts. */
async function withParts(file: string): Promise<string> {
  const text = await read(file);
  const parts = [...text.matchAll(/^import '(\.[^']+)';$/gm)].map(([, part = '']) =>
    read(join(dirname(file), part)),
  );
  return [text, ...(await Promise.all(parts))].join('\n');
}

describe('the mutants', () => {
  it.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))('%s: applies', async (_name, mutant) => {
    expect((await mutated(mutant, read)).size).toBeGreaterThan(0);
  });

  it.each(
    MUTANTS.flatMap(({ name, suite, test }) =>
      suite === 'simulation' ? [] : [[name, suite, test] as const],
    ),
  )('%s: has tests that may catch it', async (_name, suite, test = '') => {
    for (const path of suite) {
      const files = testFiles.filter((file) => file.startsWith(path));
      expect(files, path).not.toEqual([]);
      const texts = await Promise.all(files.map(withParts));
      expect(texts.join('\n'), path).toMatch(new RegExp(test));
    }
  });

  it('use no undefined names', async () => {
    const all = new Map<string, string>();
    for (const [index, mutant] of MUTANTS.entries())
      for (const [file, text] of await mutated(mutant, read)) all.set(`mutant-${index}/${file}`, text);
    expect(await undefinedNames(all)).toEqual([]);
  });
});

describe('a mutant', () => {
  const edit = { name: 'a mutant', file: 'src/worker/forward.ts', suite: 'simulation' } as const;

  it('with an undefined name is detected', async () => {
    const texts = await mutated({ ...edit, from: 'return records', to: 'return recrods' }, read);
    expect(await undefinedNames(texts)).toEqual([expect.stringContaining('recrods')]);
  });

  it.each([
    ['no longer exists', 'this text is nowhere'],
    ['exists more than once', 'records'],
  ])('whose text %s does not apply', async (_what, from) => {
    await expect(mutated({ ...edit, from, to: 'x' }, read)).rejects.toThrow('a mutant needs it once');
  });
});

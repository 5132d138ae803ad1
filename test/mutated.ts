import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import type { Edit, Mutant } from './mutants.ts';

/**
 * Returns the files that a mutant changes, with its edits applied.
 * @throws Error if an edit does not apply exactly once
 */
export async function mutated(
  mutant: Mutant,
  read: (file: string) => Promise<string>,
): Promise<Map<string, string>> {
  const edits: readonly Edit[] = 'edits' in mutant ? mutant.edits : [mutant];
  const texts = new Map<string, string>();
  for (const { file, from, to } of edits) {
    const parts = (texts.get(file) ?? (await read(file))).split(from);
    if (parts.length !== 2 || to === from)
      throw new Error(`${file} has "${from}" ${parts.length - 1} times; a mutant needs it once`);
    texts.set(file, parts.join(to));
  }
  return texts;
}

const NO_UNDEF = {
  plugins: ['typescript'],
  categories: { correctness: 'off' },
  env: { node: true, browser: true, es2024: true },
  rules: { 'no-undef': 'error' },
};

/**
 * Returns messages about undefined names in a mutant. Such a mutant fails every test and so proves nothing about any of
 * them. In the simulation, its ReferenceError would even count as a fault that is retried.
 */
export async function undefinedNames(texts: ReadonlyMap<string, string>): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-mutated-'));
  try {
    for (const [file, text] of texts) {
      await mkdir(join(folder, dirname(file)), { recursive: true });
      await writeFile(join(folder, file), text);
    }
    const config = join(folder, 'oxlintrc.json');
    await writeFile(config, JSON.stringify(NO_UNDEF));
    const { status, stdout, stderr } = spawnSync(
      'node_modules/.bin/oxlint',
      ['--config', config, '--format', 'json', folder],
      { encoding: 'utf8' },
    );
    if (status === 0) return [];
    const { diagnostics } = JSON.parse(stdout || '{}') as {
      diagnostics?: { message: string; filename: string }[];
    };
    if (diagnostics === undefined || diagnostics.length === 0)
      throw new Error(`oxlint failed: ${stdout}${stderr}`);
    return diagnostics.map(
      ({ message, filename }) => `${relative(folder, filename) || basename(filename)}: ${message}`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { MUTANTS, type Edit } from './mutants.ts';

describe('the mutants', () => {
  it.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))('%s: applies', async (_name, mutant) => {
    const edits: readonly Edit[] = 'edits' in mutant ? mutant.edits : [mutant];
    const texts = new Map<string, string>();
    for (const { file, from, to } of edits) {
      const parts = (texts.get(file) ?? (await readFile(file, 'utf8'))).split(from);
      expect(parts, `${file} has it once: ${from}`).toHaveLength(2);
      expect(to).not.toBe(from);
      texts.set(file, parts.join(to));
    }
  });
});

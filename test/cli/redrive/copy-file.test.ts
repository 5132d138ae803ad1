import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCopyFile } from '../../../src/cli/redrive/copy-file.ts';
import { createTestFolder, type TestFolder } from '../../support/command-folder.ts';

let folder: TestFolder;
beforeEach(async () => {
  folder = await createTestFolder();
});
afterEach(() => folder.remove());

const lineOf = (id: string, message = 'm') => {
  const about = { id, code: 'image.corrupt', message, attempts: 1, objects: [], body: 'body' };
  return JSON.stringify({ ...about, sentAt: '2026-01-31', expiresAt: '2026-02-14', attributes: {} });
};

/** Returns the ids in a file with this content. */
async function idsIn(content: string): Promise<string[]> {
  const copies = await readCopyFile(await folder.file('copies.jsonl', content));
  return copies.map(({ id }) => id);
}

describe('a file of copies', () => {
  it('has one on each line, and may have blank lines', async () => {
    expect(await idsIn(`${lineOf('a')}\n\n  \n${lineOf('b')}\n`)).toEqual(['a', 'b']);
    expect(await idsIn('')).toEqual([]);
    expect(await idsIn('\n')).toEqual([]);
  });

  it('may end without a line break', async () => {
    expect(await idsIn(`${lineOf('a')}\n${lineOf('b')}`)).toEqual(['a', 'b']);
    expect(await idsIn(lineOf('a'))).toEqual(['a']);
  });

  it('may end within a line, because its writer was killed', async () => {
    expect(await idsIn(`${lineOf('a')}\n${lineOf('b').slice(0, -1)}`)).toEqual(['a']);
  });

  it('may be longer than is read at once', async () => {
    const ids = Array.from({ length: 50 }, (_, index) => String(index));
    expect(await idsIn(ids.map((id) => `${lineOf(id, 'é'.repeat(5000))}\n`).join(''))).toEqual(ids);
  });

  it.each([
    ['x', 1],
    ['{"a":1}\n', 1],
    [`${lineOf('a')}\n\n{"b":1}\n${lineOf('c')}\n`, 3],
    [`${lineOf('a')}\nx\n${lineOf('c')}\n`, 2],
    [`${lineOf('a')}\n{"b":1}`, 2],
  ])('is some other file if it contains %j: the error names line %i', async (content, line) => {
    await expect(idsIn(content)).rejects.toThrow(new RegExp(`line ${line}\\b`));
  });
});

import { mkdir, open, readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileFailure } from '../../src/cli/file-failure.ts';
import { createTestFolder, type TestFolder } from '../support/command-folder.ts';

let folder: TestFolder;
beforeEach(async () => {
  folder = await createTestFolder();
  await mkdir(folder.at('folder'));
  await folder.file('there', 'mine');
});
afterEach(() => folder.remove());

describe('an export file', () => {
  it.each([
    ['exists', () => open(folder.at('there'), 'wx'), /^F already exists and may contain the only copies/],
    ['is in no folder', () => open(folder.at('none/file'), 'wx'), /^the file F is not usable: ENOENT/],
    ['is a folder', () => readFile(folder.at('folder')), /^the file F is not usable: EISDIR/],
  ])('that %s is wrong usage', async (_, use, message) => {
    const failure = (use() as Promise<unknown>).catch(fileFailure('F'));
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toMatchObject({ exitCode: 2, cause: expect.any(Error) });
  });

  it.each([
    new Error('a bug'),
    Object.assign(new Error('refused'), { syscall: 'connect', code: 'ECONNREFUSED' }),
    Object.assign(new Error('refused'), { path: '/deployment' }),
    Object.assign(new Error('refused'), { code: 'EISDIR' }),
    'a text',
  ])('does not explain other errors: %s', (error) => {
    expect(() => fileFailure('F')(error)).toThrow(expect.toSatisfy((thrown) => thrown === error));
  });
});

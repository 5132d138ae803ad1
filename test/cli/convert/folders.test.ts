import { mkdir, readdir, realpath, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFolder, nearest, prepareFolders, tellsApart } from '../../../src/cli/convert/folders.ts';
import { CommandError } from '../../../src/cli/exit-codes.ts';
import { createTestFolder, type TestFolder } from '../../support/command-folder.ts';

let folder: TestFolder;
beforeEach(async () => {
  folder = await createTestFolder();
  await folder.file('photos/sub/a.jpg', 'a');
});
afterEach(() => folder.remove());

describe('the folders of a conversion', () => {
  it('are their real paths; the result folder is created, and empty', async () => {
    await symlink('photos', folder.at('link'));
    const real = await realpath(folder.path);
    expect(await prepareFolders(folder.at('link'), folder.at('new/out'))).toEqual({
      from: join(real, 'photos'),
      to: join(real, 'new/out'),
      tellsNamesApart: expect.any(Boolean),
    });
    expect(await readdir(folder.at('new/out'))).toEqual([]);
  });

  it('may be neighbours whose names begin alike', async () => {
    await expect(prepareFolders(folder.at('photos'), folder.at('photos-out'))).resolves.toBeDefined();
    await expect(prepareFolders(folder.at('photos/sub'), folder.at('photos/out'))).resolves.toBeDefined();
  });

  it.each([
    ['the same', 'photos', 'photos', 'must be a different folder'],
    ['the same through a link', 'photos', 'alias', 'must be a different folder'],
    ['inside the sources', 'photos', 'photos/sub', 'is inside'],
    ['a new one inside the sources', 'photos', 'photos/new/out', 'is inside'],
    ['inside the sources through a link', 'photos', 'alias/out', 'is inside'],
    ['above the sources', 'photos/sub', 'photos', 'contains'],
    ['above the sources through a link', 'photos/sub', 'alias', 'contains'],
  ])('are refused if the result folder is %s', async (_, dir, out, text) => {
    await symlink('photos', folder.at('alias'));
    const before = await readdir(folder.path, { recursive: true });
    const refused = prepareFolders(folder.at(dir), folder.at(out));
    await expect(refused).rejects.toThrow(text);
    await expect(refused).rejects.toMatchObject({ exitCode: 2 });
    expect(await readdir(folder.path, { recursive: true })).toEqual(before);
  });

  it.each([
    ['none', 'out', 'there is no folder'],
    ['photos/sub/a.jpg', 'out', 'is not a folder'],
    ['photos', 'file', 'cannot be written to'],
    ['photos', 'file/out', 'cannot be written to'],
  ])('are refused if they cannot be used: %s, --out %s', async (dir, out, text) => {
    await folder.file('file', 'mine');
    const refused = prepareFolders(folder.at(dir), folder.at(out));
    await expect(refused).rejects.toThrow(text);
    await expect(refused).rejects.toBeInstanceOf(CommandError);
  });
});

describe('a result folder', () => {
  const NAME = '.millrace-\u00e9-1';

  it.each([
    ['nothing', (name: string) => name, true],
    ['case', (name: string) => name.toLowerCase(), false],
    [
      'the case of ASCII letters',
      (name: string) => name.replaceAll(/[A-Z]/g, (each) => each.toLowerCase()),
      false,
    ],
    ['composition', (name: string) => name.normalize('NFC'), false],
    ['both', (name: string) => name.normalize('NFD').toLowerCase(), false],
  ])('that ignores %s is recognized', async (_, merged, tells) => {
    expect(await tellsApart(NAME, async (other) => merged(other) === merged(NAME))).toBe(tells);
  });
});

describe('a folder that is created', () => {
  it('has its parents, and may exist', async () => {
    const path = folder.at('a/b/c');
    for (const _ of [1, 2]) await createFolder(path);
    expect(await readdir(folder.at('a'), { recursive: true })).toEqual(['b', 'b/c']);
  });

  it('can be created by several at once', async () => {
    await Promise.all(Array.from({ length: 20 }, () => createFolder(folder.at('x/y/z'))));
    expect(await readdir(folder.at('x/y'))).toEqual(['z']);
  });

  it('is an error if a file is in the way, or the file system refuses', async () => {
    await folder.file('file', 'mine');
    await expect(createFolder(folder.at('file'))).rejects.toThrow('EEXIST');
    await expect(createFolder(folder.at('file/sub'))).rejects.toThrow(/ENOTDIR|EEXIST/);
    if (process.platform === 'linux')
      await expect(createFolder('/proc/none/sub')).rejects.toThrow(/ENOENT|EACCES/);
  });
});

describe('the nearest folder', () => {
  it('is that of a path, or the first above it that exists', async () => {
    const real = await realpath(folder.path);
    await mkdir(folder.at('there'));
    await symlink('there', folder.at('link'));
    expect(await nearest(folder.at('link'))).toBe(join(real, 'there'));
    expect(await nearest(folder.at('link/a/b'))).toBe(join(real, 'there'));
    expect(await nearest('/none-of-this-name/a')).toBe('/');
  });
});

import { once } from 'node:events';
import { createServer } from 'node:net';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_IGNORED } from '../../../src/core/ignored.ts';
import {
  findFiles,
  UnusablePath,
  withoutIgnored,
  type FindOptions,
} from '../../../src/cli/upload/find-files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  for (const path of ['a.jpg', 'sub/b.jpg', 'sub/deep/c.jpg', 'thumbs/d.jpg', 'thumbs/sub/e.jpg']) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), '');
  }
  await symlink('a.jpg', join(folder, 'link.jpg'));
  await symlink('a.jpg', join(folder, 'thumbs/link.jpg'));
  await symlink('a.jpg', join(folder, 'sub/link.txt'));
  await symlink('../thumbs', join(folder, 'sub/album'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function find(options: Partial<FindOptions> = {}, ...named: string[]) {
  const paths = named.length === 0 ? [folder] : named.map((each) => join(folder, each));
  const { files, skipped } = await findFiles(paths, { prefix: '', include: [], exclude: [], ...options });
  return {
    keys: files.map(({ key }) => key),
    skipped: skipped.map(({ path }) => path.slice(folder.length + 1)),
  };
}

describe('the skipped files', () => {
  it('are all of them if everything is selected', async () => {
    const { keys, skipped } = await find();
    expect(keys).toEqual(['a.jpg', 'sub/b.jpg', 'sub/deep/c.jpg', 'thumbs/d.jpg', 'thumbs/sub/e.jpg']);
    expect(skipped).toEqual(['link.jpg', 'sub/album', 'sub/link.txt', 'thumbs/link.jpg']);
  });

  it('are those that match the patterns, and folders that could contain matches', async () => {
    expect(await find({ include: ['**/*.jpg'] })).toMatchObject({
      skipped: ['link.jpg', 'sub/album', 'thumbs/link.jpg'],
    });
    expect(await find({ include: ['**/*.txt'], exclude: ['sub/**'] })).toEqual({ keys: [], skipped: [] });
    expect(await find({ exclude: ['thumbs/**', '**/album/**'] })).toEqual({
      keys: ['a.jpg', 'sub/b.jpg', 'sub/deep/c.jpg'],
      skipped: ['link.jpg', 'sub/link.txt'],
    });
  });

  it('include nothing deeper than a pattern reaches', async () => {
    expect(await find({}, '*.jpg')).toEqual({ keys: ['a.jpg'], skipped: ['link.jpg'] });
    expect(await find({}, '*/*.jpg')).toMatchObject({ skipped: ['thumbs/link.jpg'] });
  });
});

describe('a path', () => {
  it('may name the same file several times, but not different files with the same key', async () => {
    expect((await find({}, 'a.jpg', 'a.jpg', '*.jpg')).keys).toEqual(['a.jpg']);
    await mkdir(join(folder, 'other'));
    await writeFile(join(folder, 'other/a.jpg'), '');
    await expect(find({ prefix: 'p/' }, 'a.jpg', 'other')).rejects.toThrow('both have the key p/a.jpg');
  });

  it.each([
    ['none', 'there is no file or folder'],
    ['*.png', 'no file matches'],
    ['socket', 'is neither a file nor a folder'],
  ])('%s is not usable: %s', async (path, text) => {
    const socket = createServer().listen(join(folder, 'socket'));
    await once(socket, 'listening');
    const finding = find({}, path);
    await expect(finding).rejects.toThrow(text);
    await expect(finding).rejects.toBeInstanceOf(UnusablePath);
    socket.close();
  });

  it('may be a pattern in the working directory', async () => {
    const { files } = await findFiles(['package*.json'], { prefix: '', include: [], exclude: [] });
    expect(files).toEqual(
      ['package-lock.json', 'package.json'].map((key) => ({ key, path: resolve(key), isNamed: false })),
    );
  });

  it('may lead to links, which are followed on request', async () => {
    const { keys, skipped } = await find({ followLinks: true }, 'sub');
    expect(keys).toEqual(['album/d.jpg', 'album/sub/e.jpg', 'b.jpg', 'deep/c.jpg']);
    expect(skipped).toEqual(['sub/album/link.jpg', 'sub/link.txt']);
  });
});

describe('several patterns', () => {
  it('each reach as deep as they match', async () => {
    const { keys } = await find({ include: ['*.jpg', 'sub/*.jpg'] });
    expect(keys).toEqual(['a.jpg', 'sub/b.jpg']);
  });

  it('that exclude do not close a folder whose contents they exclude only in part', async () => {
    expect((await find({ exclude: ['!sub/**'] })).keys).toEqual(['sub/b.jpg', 'sub/deep/c.jpg']);
  });
});

describe('a system file', () => {
  const litter = ['.DS_Store', 'sub/.DS_Store', 'sub/._b.jpg', 'sub/Thumbs.db', 'sub/desktop.ini'];
  beforeEach(async () => {
    for (const path of litter) await writeFile(join(folder, path), 'x');
    await mkdir(join(folder, '._folder'));
    await writeFile(join(folder, '._folder/f.jpg'), 'x');
  });

  it('is skipped in a folder, and counted if it is selected', async () => {
    const { files } = await findFiles([folder], {
      prefix: '',
      include: [],
      exclude: ['**/link*', '**/album'],
    });
    const all = withoutIgnored(files, DEFAULT_IGNORED);
    expect(all.files.map(({ key }) => key)).toContain('._folder/f.jpg');
    expect(all.files).toHaveLength(6);
    expect(all.ignored).toBe(5);
    expect(withoutIgnored(files, [])).toEqual({ files, ignored: 0 });
    const some = await findFiles([folder], { prefix: '', include: ['**/*.jpg'], exclude: [] });
    expect(withoutIgnored(some.files, DEFAULT_IGNORED).ignored).toBe(1);
  });

  it('is uploaded if it is named', async () => {
    for (const paths of [[`${folder}/sub/._b.jpg`], [`${folder}/sub/*.jpg`, `${folder}/sub/._b.jpg`]])
      for (const named of [paths, paths.toReversed()]) {
        const { files } = await findFiles(named, { prefix: '', include: [], exclude: [] });
        const { files: meant, ignored } = withoutIgnored(files, DEFAULT_IGNORED);
        expect([meant.map(({ key }) => key).includes('._b.jpg'), ignored]).toEqual([true, 0]);
      }
  });
});

describe('a pattern', () => {
  it('that excludes a name does not exclude the contents of a folder with that name', async () => {
    expect((await find({ exclude: ['*'] })).keys).toEqual([
      'sub/b.jpg',
      'sub/deep/c.jpg',
      'thumbs/d.jpg',
      'thumbs/sub/e.jpg',
    ]);
  });

  it.each([
    ['{a.jpg,sub/deep/*}', ['a.jpg', 'sub/deep/c.jpg']],
    ['s*/+(deep/)c.jpg', ['sub/deep/c.jpg']],
    ['!thumbs/**', ['a.jpg', 'sub/b.jpg', 'sub/deep/c.jpg']],
  ])('%s reaches as deep as it matches', async (pattern, keys) => {
    expect((await find({ include: [pattern] })).keys).toEqual(keys);
  });
});

import { once } from 'node:events';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { walkFolder, type Skipped } from '../../../src/cli/upload/walk-folder.ts';
import { cases, fc } from '../../support/fuzz.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function walk(followLinks = false, at = folder) {
  const skipped: Skipped[] = [];
  const found = await walkFolder(at, {
    followLinks,
    onSkipped: (each) => void skipped.push(each),
  });
  return { found, skipped: skipped.map(({ path, reason }) => [path.slice(at.length + 1), reason]) };
}

/** Returns what is skipped, and whether it counts as a folder. */
async function foldersSkipped(followLinks: boolean): Promise<[string, boolean][]> {
  const skipped: Skipped[] = [];
  await walkFolder(folder, { followLinks, onSkipped: (each) => void skipped.push(each) });
  return skipped.map(({ path, isFolder }) => [path.slice(folder.length + 1), isFolder]);
}

describe('walking a folder', () => {
  it('ends when it is stopped, with what it has found', async () => {
    for (const name of ['a', 'c']) await writeFile(join(folder, name), '');
    await mkdir(join(folder, 'b'));
    for (const name of ['x', 'y']) await writeFile(join(folder, 'b', name), '');
    const stop = new AbortController();
    const found = await walkFolder(folder, {
      stop: stop.signal,
      onSkipped: () => undefined,
      ignores(path) {
        if (path === 'b/x') stop.abort();
        return false;
      },
    });
    expect(found).toEqual(['a', 'b/x']);
  });

  it('finds every file, whatever bytes its name contains, or reports that it skipped it', async () => {
    const byte = fc.integer({ min: 1, max: 255 }).filter((value) => value !== 0x2f);
    const name = fc
      .uint8Array({ minLength: 1, maxLength: 255 })
      .chain((bytes) =>
        fc.array(byte, { minLength: bytes.length, maxLength: bytes.length }).map((all) => Buffer.from(all)),
      );
    const text = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 60 })
      .map((each) => Buffer.from(each.replaceAll(/[/\0]/g, 'x')));
    const names = fc.uniqueArray(fc.oneof(name, text), {
      minLength: 1,
      maxLength: 8,
      selector: (each) => each.toString('hex'),
    });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(names, async (buffers) => {
        const at = join(folder, String((round += 1)));
        await mkdir(at);
        const usable = buffers.filter((each) => each.length <= 255 && !['.', '..'].includes(each.toString()));
        for (const each of usable) await writeFile(Buffer.concat([Buffer.from(`${at}/`), each]), '');
        const { found, skipped } = await walk(false, at);
        const isText = (each: Buffer) => Buffer.from(each.toString()).equals(each);
        expect(new Set(found)).toEqual(new Set(usable.filter(isText).map(String)));
        expect(skipped.filter(([, reason]) => reason === 'its name is not UTF-8')).toHaveLength(
          usable.filter((each) => !isText(each)).length,
        );
      }),
      { numRuns: cases(50) },
    );
  });

  it('names links and special files that it skips', async () => {
    await writeFile(join(folder, 'photo'), '');
    await symlink('photo', join(folder, 'link'));
    const socket = createServer().listen(join(folder, 'socket'));
    await once(socket, 'listening');
    const walked = await walk();
    socket.close();
    expect(walked).toEqual({
      found: ['photo'],
      skipped: [
        ['link', 'symbolic links are not followed'],
        ['socket', 'it is neither a file nor a folder'],
      ],
    });
  });

  it('follows links to files and folders, but not in cycles, and names broken ones', async () => {
    await mkdir(join(folder, 'a/deep'), { recursive: true });
    await writeFile(join(folder, 'a/photo'), '');
    await symlink('../..', join(folder, 'a/deep/up'));
    await symlink('a', join(folder, 'b'));
    await symlink('nothing', join(folder, 'c'));
    await symlink('d', join(folder, 'd'));
    await symlink('a/photo', join(folder, 'e'));
    expect(await walk(true)).toEqual({
      found: ['a/photo', 'b/photo', 'e'],
      skipped: [
        ['a/deep/up', 'the link leads back to a folder that contains it'],
        ['b/deep/up', 'the link leads back to a folder that contains it'],
        ['c', 'the link leads nowhere: ENOENT'],
        ['d', 'the link leads nowhere: ELOOP'],
      ],
    });
  });

  it('follows no link into the folder to avoid, or to one that contains it', async () => {
    await mkdir(join(folder, 'from/inner'), { recursive: true });
    await mkdir(join(folder, 'out/deep'), { recursive: true });
    await mkdir(join(folder, 'outer'));
    for (const name of ['from/photo', 'out/result', 'outer/photo']) await writeFile(join(folder, name), '');
    await symlink('../out', join(folder, 'from/a'));
    await symlink('../out/deep', join(folder, 'from/b'));
    await symlink('../out/result', join(folder, 'from/c'));
    await symlink(folder, join(folder, 'from/inner/d'));
    await symlink('../outer', join(folder, 'from/e'));
    const skipped: string[] = [];
    const found = await walkFolder(join(folder, 'from'), {
      followLinks: true,
      avoid: join(await realpath(folder), 'out'),
      onSkipped: ({ path, reason }) => void skipped.push(`${path.slice(folder.length + 6)}: ${reason}`),
    });
    expect(found).toEqual(['e/photo', 'photo']);
    expect(skipped).toEqual(
      ['a', 'b', 'c', 'inner/d'].map((each) => `${each}: the link leads to the result folder`),
    );
  });

  it('knows which of the skipped entries are folders', async () => {
    await mkdir(join(folder, 'a/deep'), { recursive: true });
    await writeFile(join(folder, 'photo'), '');
    for (const [name, target] of Object.entries({ b: 'a', c: 'photo', d: 'nothing', 'a/deep/up': '../..' }))
      await symlink(target, join(folder, name));
    expect(await foldersSkipped(false)).toEqual([
      ['a/deep/up', true],
      ['b', true],
      ['c', false],
      ['d', false],
    ]);
    expect(await foldersSkipped(true)).toEqual([
      ['a/deep/up', true],
      ['b/deep/up', true],
      ['d', false],
    ]);
  });

  it('finds the files of each folder in the order of their names, and enters only folders that it should', async () => {
    for (const name of ['b', 'a', 'c']) {
      await mkdir(join(folder, name));
      for (const file of ['3', '1', '2']) await writeFile(join(folder, name, file), '');
    }
    const found = await walkFolder(folder, {
      enters: (path) => path !== 'b',
      onSkipped: () => expect.unreachable(),
    });
    expect(found).toEqual(['a/1', 'a/2', 'a/3', 'c/1', 'c/2', 'c/3']);
  });

  it('silently skips ignored files, but not folders', async () => {
    await mkdir(join(folder, 'inner/x'), { recursive: true });
    for (const name of ['x', 'inner/x/y']) await writeFile(join(folder, name), '');
    await symlink('nowhere', join(folder, 'inner/z'));
    const asked: string[] = [];
    const found = await walkFolder(folder, {
      ignores(path) {
        asked.push(path);
        return /[xz]$/.test(path);
      },
      onSkipped: ({ path }) => void asked.push(`skipped ${path}`),
    });
    expect(found).toEqual(['inner/x/y']);
    expect(asked).toEqual(['inner/x/y', 'inner/z', 'x']);
  });

  it('names a folder that cannot be read', async () => {
    const { found, skipped } = await walk(false, join(folder, 'gone'));
    expect(found).toEqual([]);
    expect(skipped).toEqual([['', 'the folder cannot be read: ENOENT']]);
    const folders: boolean[] = [];
    await walkFolder(join(folder, 'gone'), { onSkipped: ({ isFolder }) => void folders.push(isFolder) });
    expect(folders).toEqual([true]);
  });
});

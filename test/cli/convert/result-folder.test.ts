import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createResultFolder } from '../../../src/cli/convert/result-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'millrace-test-')));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const names = async (at: string) => (await readdir(at)).toSorted();

describe('the result folder', () => {
  it("accepts names up to the file system's maximum length, and any other names", async () => {
    const results = createResultFolder(folder, 'run');
    const keys = ['x.jpg', 'x.jpg.part', `${'l'.repeat(251)}.jpg`, `sub/${'é'.repeat(127)}`];
    for (const key of keys) await results.write(key, Readable.from([key]));
    for (const key of keys) expect(await readFile(join(folder, key), 'utf8')).toBe(key);
    expect(await names(folder)).toHaveLength(4);
  });

  it('contains no partial results, and keeps the previous ones', async () => {
    const results = createResultFolder(folder, 'run');
    await results.write('a', Readable.from(['whole']));
    async function* broken() {
      yield 'half';
      throw new Error('broke off');
    }
    await expect(results.write('a', Readable.from(broken()))).rejects.toThrow('broke off');
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('whole');
    expect(await names(folder)).toEqual(['a']);
  });

  it('contains nothing of a result that cannot be read at all', async () => {
    const results = createResultFolder(folder, 'run');
    const broken = () => new Readable({ read: () => undefined }).destroy(new Error('broke off'));
    const writes = Array.from({ length: 1000 }, (_, index) => results.write(`${index}`, broken()));
    const settled = await Promise.allSettled(writes);
    expect(settled.every(({ status }) => status === 'rejected')).toBe(true);
    expect(await names(folder)).toEqual([]);
  });

  it.each(['../x', 'sub/../../x', 'out/link/x', 'out/link/new/x'])(
    'refuses %s, which points outside',
    async (key) => {
      const to = join(folder, 'to');
      await mkdir(join(to, 'out'), { recursive: true });
      await symlink(folder, join(to, 'out/link'));
      await expect(createResultFolder(to, 'run').write(key, Readable.from(['x']))).rejects.toThrow(
        /leads out of/,
      );
      expect(await names(folder)).toEqual(['to']);
    },
  );

  it("replaces a link with the result, not the link's target", async () => {
    const to = join(folder, 'to');
    await mkdir(to);
    await writeFile(join(folder, 'mine'), 'mine');
    await symlink(join(folder, 'mine'), join(to, 'a'));
    await createResultFolder(to, 'run').write('a', Readable.from(['result']));
    expect(await readFile(join(folder, 'mine'), 'utf8')).toBe('mine');
    expect(await readFile(join(to, 'a'), 'utf8')).toBe('result');
  });
});

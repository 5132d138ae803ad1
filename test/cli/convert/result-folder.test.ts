import { randomUUID } from 'node:crypto';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createResultFolder, type ResultFolder } from '../../../src/cli/convert/result-folder.ts';
import { needs } from '../../support/needs.ts';

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'millrace-test-')));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Writes a draft, and lets the folder adopt it. */
async function store(results: ResultFolder, path: string, content: string): Promise<void> {
  const draft = `${results.drafts}${randomUUID()}`;
  await writeFile(draft, content);
  await results.adopt(draft, path);
}

const names = async (at: string) => (await readdir(at)).toSorted();

describe('the result folder', () => {
  it("accepts names up to the file system's maximum length, and any other names", async () => {
    const results = createResultFolder(folder, 'run');
    const keys = ['x.jpg', 'x.jpg.part', `${'l'.repeat(251)}.jpg`, `sub/${'é'.repeat(127)}`];
    for (const key of keys) await store(results, key, key);
    for (const key of keys) expect(await readFile(join(folder, key), 'utf8')).toBe(key);
    expect(await names(folder)).toHaveLength(4);
  });

  it('replaces a result, and has a draft on its own file system', async () => {
    const results = createResultFolder(folder, 'run');
    await store(results, 'a', 'first');
    await store(results, 'a', 'second');
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('second');
    expect(results.drafts).toBe(join(folder, '.millrace-run-'));
    expect(await names(folder)).toEqual(['a']);
  });

  it('adopts a draft from another file system, whole or not at all', needs('linux on x64'), async () => {
    const results = createResultFolder(folder, 'run');
    const elsewhere = await mkdtemp('/dev/shm/millrace-test-');
    try {
      const draft = join(elsewhere, 'draft');
      await writeFile(draft, 'far');
      await results.adopt(draft, 'sub/a');
      expect(await readFile(join(folder, 'sub/a'), 'utf8')).toBe('far');
      await mkdir(join(folder, 'sub/taken'));
      await writeFile(draft, 'far');
      await expect(results.adopt(draft, 'sub/taken')).rejects.toThrow(/EISDIR/);
      expect(await names(join(folder, 'sub'))).toEqual(['a', 'taken']);
      expect(await names(elsewhere)).toEqual([]);
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  });

  it('keeps no draft that cannot be adopted', async () => {
    const results = createResultFolder(folder, 'run');
    await mkdir(join(folder, 'taken'));
    await expect(store(results, 'taken', 'x')).rejects.toThrow(/EISDIR/);
    await store(results, 'a', 'a file');
    await expect(store(results, 'a/b', 'x')).rejects.toThrow(/ENOTDIR|EEXIST/);
    expect(await names(folder)).toEqual(['a', 'taken']);
  });

  it.each(['../x', 'sub/../../x', 'out/link/x', 'out/link/new/x'])(
    'refuses %s, which points outside',
    async (key) => {
      const to = join(folder, 'to');
      await mkdir(join(to, 'out'), { recursive: true });
      await symlink(folder, join(to, 'out/link'));
      await expect(store(createResultFolder(to, 'run'), key, 'x')).rejects.toThrow(/leads out of/);
      expect(await names(folder)).toEqual(['to']);
    },
  );

  it('knows when a result was stored', async () => {
    const results = createResultFolder(folder, 'run');
    await store(results, 'sub/a', 'x');
    await utimes(join(folder, 'sub/a'), 1000, 2000);
    expect(await results.storedAt('sub/a')).toBe(2_000_000);
    expect(await results.storedAt('sub')).toBeUndefined();
    expect(await results.storedAt('none')).toBeUndefined();
    await expect(results.storedAt('../x')).rejects.toThrow(/leads out of/);
    const root = createResultFolder('/', 'run');
    expect(await root.storedAt(join(folder, 'sub/a').slice(1))).toBe(2_000_000);
  });

  it("replaces a link with the result, not the link's target", async () => {
    const to = join(folder, 'to');
    await mkdir(to);
    await writeFile(join(folder, 'mine'), 'mine');
    await symlink(join(folder, 'mine'), join(to, 'a'));
    await store(createResultFolder(to, 'run'), 'a', 'result');
    expect(await readFile(join(folder, 'mine'), 'utf8')).toBe('mine');
    expect(await readFile(join(to, 'a'), 'utf8')).toBe('result');
  });
});

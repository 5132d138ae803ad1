import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { beginRun, draftPrefix, removeStaleDrafts } from '../../../src/cli/convert/run-mark.ts';

const draftName = (run: string) => `${draftPrefix(run)}${randomUUID()}`;

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'millrace-test-')));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(...path: string[]): Promise<string> {
  const file = join(folder, ...path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, 'something');
  return relative(folder, file);
}

async function left(): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .toSorted();
}

/** A process that starts a run in the folder, then idles until it is killed. */
const OTHER = `
import { beginRun } from './src/cli/convert/run-mark.ts';
const { id } = await beginRun(process.argv[1]);
console.log(id);
setInterval(() => undefined, 1000);`;

async function startOther(): Promise<{ id: string; kill(): Promise<void> }> {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', OTHER, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    id: line.toString().trim(),
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

describe('a run of convert', () => {
  it('leaves nothing but results behind', async () => {
    const run = await beginRun(folder);
    expect(await readdir(folder)).toEqual([`.millrace-${run.id}`]);
    await write(draftName(run.id));
    const result = await write('photo.webp');
    await run.end();
    expect(await readdir(folder)).toEqual([result]);
  });

  it('ends even if its folder is gone', async () => {
    const run = await beginRun(folder);
    await rm(folder, { recursive: true });
    await expect(run.end()).resolves.toBeUndefined();
    await mkdir(folder);
  });

  it('works without a mark in a folder that cannot have one', async () => {
    const file = join(folder, await write('file'));
    const run = await beginRun(file);
    expect(run.id).toMatch(/^[\da-f-]{36}$/);
    await expect(run.end()).resolves.toBeUndefined();
    await expect(removeStaleDrafts(file)).resolves.toBeUndefined();
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('removes the drafts of a killed process, and never those of a running one', async () => {
    const [alive, killed] = [await startOther(), await startOther()];
    const drafts = await Promise.all([
      write(draftName(killed.id)),
      write('a/b/c', draftName(killed.id)),
      write(draftName(alive.id)),
      write('a/b/c', draftName(alive.id)),
    ]);
    const result = await write('a/b/c/photo.jpg');
    await removeStaleDrafts(folder);
    expect(await left()).toEqual(expect.arrayContaining([...drafts, result]));

    await killed.kill();
    await removeStaleDrafts(folder);
    const files = await left();
    expect(files.filter((file) => file.includes(killed.id))).toEqual([]);
    expect(files).toEqual(expect.arrayContaining([...drafts.slice(2), result]));

    await alive.kill();
    await removeStaleDrafts(folder);
    expect(await left()).toEqual([result]);
  });

  it('removes nothing that belongs to somebody else, whatever its name', async () => {
    const id = '3f0b3a2e-58c1-4d0a-9a61-0d5f8f2f7a11';
    const elsewhere = await mkdtemp(join(tmpdir(), 'millrace-test-'));
    const theirs = await Promise.all([
      write('.millrace-notes'),
      write('.millrace', 'file'),
      write(`.millrace-${id}`, 'notes.txt'),
      write(`.millrace-${id.replace('3', '5')}`, 'notes.txt'),
      write(`.millrace-${id.replace('3', '5')}`, 'LOCK'),
      write(`.millrace-${id}-draft`),
      write('sub', `.millrace-${id}`, 'CURRENT'),
      write('sub', draftName(id)),
    ]);
    try {
      await symlink(elsewhere, join(folder, `.millrace-${id.replace('3', '4')}`));
      const before = await left();
      expect(before).toEqual(expect.arrayContaining(theirs));
      await removeStaleDrafts(folder);
      expect(await left()).toEqual(before);
      expect(await readdir(elsewhere)).toEqual([]);
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  });

  it('marks and cleans the folder concurrently with others', async () => {
    const rounds = Array.from({ length: 20 }, async () => {
      await removeStaleDrafts(folder);
      const run = await beginRun(folder);
      const draft = await write(draftName(run.id));
      await removeStaleDrafts(folder);
      // It still exists.
      await rm(join(folder, draft));
      await run.end();
    });
    await Promise.all(rounds);
    // A mark that another run was trying to lock when it was removed.
    await removeStaleDrafts(folder);
    expect(await readdir(folder)).toEqual([]);
  });
});

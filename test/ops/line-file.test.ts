import { mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLineFile } from '../../src/ops/line-file.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  path = join(folder, 'copies.jsonl');
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

describe('a file of copies', () => {
  it('has one JSON document a line, in the order in which they were added', async () => {
    const file = await createLineFile<unknown>(path);
    await file.add([{ id: 1 }, { id: 'a\nb' }]);
    await file.add([]);
    await file.add([{ id: 3 }]);
    await file.close();
    expect(await readFile(path, 'utf8')).toBe('{"id":1}\n{"id":"a\\nb"}\n{"id":3}\n');
  });

  it('is removed if it has no lines, so that its name is free', async () => {
    const file = await createLineFile<unknown>(path);
    await file.add([]);
    await file.close();
    expect(await readdir(folder)).toEqual([]);
    await (await createLineFile<unknown>(path)).close();
    expect(await readdir(folder)).toEqual([]);
  });

  it('is not opened if it exists, because it may have the only copies', async () => {
    const file = await createLineFile<unknown>(path);
    await file.add([{ id: 1 }]);
    await file.close();
    await expect(createLineFile(path)).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await readFile(path, 'utf8')).toBe('{"id":1}\n');
  });

  it('is synced to disk before its messages may be deleted', async () => {
    const probe = await open(join(folder, 'probe'), 'w');
    const datasync = vi.spyOn(Object.getPrototypeOf(probe) as typeof probe, 'datasync');
    const file = await createLineFile<unknown>(path);
    await file.add([{ id: 1 }]);
    expect(datasync).not.toHaveBeenCalled();
    await file.sync();
    expect(datasync).toHaveBeenCalledOnce();
    await file.close();
    await probe.close();
  });
});

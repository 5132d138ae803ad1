import { execFile } from 'node:child_process';
import { lstatSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileSizes } from '../../src/data-folder/file-sizes.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe.each([
  ['without a thread', 100],
  ['in a thread', 0],
])('%s', (_, few) => {
  test('the sizes of files are those on disk', async () => {
    const names = Array.from({ length: 50 }, (__, index) => `content-${index}`);
    await Promise.all(names.map((name, index) => writeFile(join(folder, name), 'x'.repeat(index % 13))));
    const sizes = await fileSizes(folder, /^content-/, few);
    expect(sizes).toEqual(new Map(names.map((name) => [name, lstatSync(join(folder, name)).size])));
  });

  test('only files with a matching name count', async () => {
    for (const name of ['content', 'other']) await writeFile(join(folder, name), 'five!');
    expect(await fileSizes(folder, /^content$/, few)).toEqual(new Map([['content', 5]]));
    expect(await fileSizes(folder, /^none$/, few)).toEqual(new Map());
  });
});

test('a thread lists files whatever the options of the process are', async () => {
  await writeFile(join(folder, 'content'), 'five!');
  const program = `
    import { fileSizes } from '${new URL('../../src/data-folder/file-sizes.ts', import.meta.url).href}';
    console.log(JSON.stringify([...(await fileSizes('${folder}', /./, 0))]));
  `;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(JSON.parse(stdout)).toEqual([['content', 5]]);
});

test('a folder that cannot be listed is an error', async () => {
  await expect(fileSizes(join(folder, 'missing'), /./, 0)).rejects.toThrow('ENOENT');
});

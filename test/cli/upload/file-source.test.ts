import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileSource } from '../../../src/cli/upload/file-source.ts';
import { readingFailed } from '../../../src/core/reading-failed.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  path = join(folder, 'a.txt');
  await writeFile(path, 'content');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a file to upload through the API', () => {
  it('is read when its turn comes', async () => {
    const { name, size, open } = await fileSource({ path, key: 'in/a.txt' });
    expect({ name, size, text: await (await open()).text() }).toEqual({
      name: 'in/a.txt',
      size: 7,
      text: 'content',
    });
  });

  it('that is deleted before its turn comes fails with an error that says so', async () => {
    const { open } = await fileSource({ path, key: 'a.txt' });
    await rm(path);
    const failure = await Promise.resolve(open()).catch(readingFailed);
    expect(failure).toBe('the file was deleted or moved while the command ran');
  });
});

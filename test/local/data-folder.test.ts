import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bytesIn, fillFolder, remove } from '../../packages/local-aws/test/data-folder/folder.ts';
import { DATA_FOLDER } from '../../src/local/data-folder.ts';
import { millrace } from '../support/command.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
});
afterEach(() => remove(folder));

const start = (...args: string[]) => millrace('start', '--port', '0', '--aws-port', '0', ...args);

describe('a data folder', () => {
  it('with foreign files is refused with exit code 2 and left unchanged', async () => {
    await mkdir(join(folder, 'blobs'));
    const file = join('blobs', randomUUID());
    await writeFile(join(folder, file), 'mine');
    const finished = await start('--data', folder);
    expect(finished).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('contains blobs;'),
    });
    expect([...(await bytesIn(folder)).keys()]).toEqual([file]);
  });

  it('without its journal is refused with exit code 5 and the number of contents', async () => {
    await fillFolder(folder, DATA_FOLDER);
    await rm(join(folder, 'journal'), { recursive: true });
    const finished = await start('--data', folder);
    expect(finished).toMatchObject({ code: 5, stdout: '' });
    expect(finished.stderr).toMatch(/ends at write 0, but \d+ writes were acknowledged/);
    expect(finished.stderr).toContain('the folder has 14 contents, the journal knows 0 objects');
    expect(finished.stderr).toContain('--repair');
  });
});

it('a repair requires the folder', async () => {
  expect(await start('--repair')).toMatchObject({ code: 2 });
});

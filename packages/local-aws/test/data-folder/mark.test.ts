import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LOCAL_AWS_FOLDER, type FolderKind } from '../../src/data-folder/kind.ts';
import { readMark, writeMark } from '../../src/data-folder/mark.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (name: string, text = 'x') => writeFile(join(folder, name), text);
const mark = (kind: FolderKind = LOCAL_AWS_FOLDER) => readMark(folder, kind);
const foreign = (message: RegExp) =>
  expect.objectContaining({ kind: 'foreign', message: expect.stringMatching(message) });

describe('a folder', () => {
  it('is new if it is empty or does not exist, or if its first start was killed', async () => {
    expect(await mark()).toBe('new');
    await write('local-aws.json.new');
    expect(await mark()).toBe('new');
    expect(await readMark(join(folder, 'missing'), LOCAL_AWS_FOLDER)).toBe('new');
    expect(await readdir(folder)).toEqual(['local-aws.json.new']);
  });

  it('is marked for one kind of program, readable only by its user', async () => {
    const inside = join(folder, 'a', 'b');
    await writeMark(inside, LOCAL_AWS_FOLDER);
    expect(await readMark(inside, LOCAL_AWS_FOLDER)).toBe('marked');
    expect(await readdir(inside)).toEqual(['local-aws.json']);
    const modes = await Promise.all([inside, join(inside, 'local-aws.json')].map((path) => stat(path)));
    expect(modes.map(({ mode }) => (mode & 0o777).toString(8))).toEqual(['700', '600']);
    expect(JSON.parse(await readFile(join(inside, 'local-aws.json'), 'utf8'))).toMatchObject({
      about: LOCAL_AWS_FOLDER.about,
    });
    const other = { ...LOCAL_AWS_FOLDER, product: 'other product', mark: 'other.json' };
    await expect(readMark(inside, other)).rejects.toEqual(
      foreign(/is not a other product data folder.*no other\.json/),
    );
  });

  it.each(['', '{', '[]', '{}', '{"format":0}', '{"format":"1"}'])(
    'whose mark is %j is damaged',
    async (text) => {
      await write('local-aws.json', text);
      expect(await mark()).toBe('unreadable');
    },
  );

  it('of a later version is refused, with both versions', async () => {
    await write('local-aws.json', '{"format":2}');
    await expect(mark()).rejects.toEqual(
      foreign(/later version of local AWS \(format 2; this version reads 1\)/),
    );
  });

  it('with other contents is refused, with the names of some', async () => {
    for (const name of ['e', 'd', 'c', 'b', 'a']) await write(name);
    await expect(mark()).rejects.toEqual(foreign(/contains a, b, c, d, e;/));
    for (const name of ['g', 'f']) await write(name);
    await expect(mark()).rejects.toEqual(foreign(/contains a, b, c, d, e and 2 more;/));
  });

  it('without a mark belongs to an earlier version only if it has all of its folders, and a journal', async () => {
    const kind = { ...LOCAL_AWS_FOLDER, unmarkedLayout: ['journal', 'blobs'] };
    await mkdir(join(folder, 'journal'));
    await write('journal/CURRENT');
    await expect(mark(kind)).rejects.toEqual(foreign(/contains journal;/));
    await mkdir(join(folder, 'blobs'));
    expect(await mark(kind)).toBe('unmarked');
    await expect(mark()).rejects.toEqual(foreign(/contains blobs, journal;/));
    await rm(join(folder, 'journal', 'CURRENT'));
    await expect(mark(kind)).rejects.toEqual(foreign(/contains blobs, journal;/));
  });
});

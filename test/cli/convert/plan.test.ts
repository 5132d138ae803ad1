import { rm, symlink, utimes } from 'node:fs/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseRecipe } from '../../../src/core/recipe.ts';
import { planConversion } from '../../../src/cli/convert/plan.ts';
import { createResultFolder } from '../../../src/cli/convert/result-folder.ts';
import { createTestFolder, type TestFolder } from '../../support/command-folder.ts';

let folder: TestFolder;
beforeEach(async () => {
  folder = await createTestFolder();
  for (const name of ['in/A.png', 'in/a.png', 'in/b.png', 'out/kept.png']) await folder.image(name);
});
afterEach(() => folder.remove());

interface Options {
  tellsNamesApart: boolean;
  followLinks?: boolean;
  skipExisting?: boolean;
  from?: string;
  recipe?: string;
  stop?: AbortSignal;
  /** Called when the time of a result is requested. */
  onStoredAt?: () => void;
}

function plan({
  tellsNamesApart,
  followLinks = false,
  skipExisting = false,
  from = folder.at('in'),
  recipe = '{}',
  stop = new AbortController().signal,
  onStoredAt = () => undefined,
}: Options) {
  const to = folder.at('out');
  const results = createResultFolder(to, 'run');
  const storedAt = (path: string) => {
    onStoredAt();
    return results.storedAt(path);
  };
  const watched = { ...results, storedAt };
  const options = { followLinks, skipExisting, stop };
  return planConversion({ from, to, tellsNamesApart }, watched, parseRecipe(recipe), options);
}

it('if the result folder does not distinguish two names, the second fails before anything is converted', async () => {
  expect(await plan({ tellsNamesApart: false })).toMatchObject({
    keys: ['A.png', 'b.png'],
    failed: [
      {
        type: 'failed',
        key: 'a.png',
        code: 'file.collides',
        message: expect.stringContaining('would replace the result of A.png'),
      },
    ],
  });
});

it('a result folder that distinguishes names accepts all of them', async () => {
  expect(await plan({ tellsNamesApart: true })).toMatchObject({
    keys: ['A.png', 'a.png', 'b.png'],
    failed: [],
  });
});

it('a link into the result folder is named, not followed', async () => {
  await symlink(folder.at('out'), folder.at('in/results'));
  expect(await plan({ tellsNamesApart: true, followLinks: true })).toMatchObject({
    keys: ['A.png', 'a.png', 'b.png'],
    failed: [{ key: 'results', code: 'file.unreadable' }],
  });
});

it("files keep their extension if a folder has their result's name", async () => {
  await folder.image('in/b.webp/c.png');
  const { keys, paths } = await plan({ tellsNamesApart: true });
  expect(keys.flatMap(paths.of)).toEqual(['A.webp', 'a.webp', 'b.png.webp', 'b.webp/c.webp']);
  expect(paths.kept).toEqual(['b.png']);
});

it("a file that replaced another is not skipped because of the other's result", async () => {
  const longAgo = new Date('2020-01-01');
  await folder.image('out/b.webp');
  await utimes(folder.at('out/b.webp'), longAgo, new Date(Date.now() - 60_000));
  await rm(folder.at('in/b.png'));
  await folder.image('in/b.jpg');
  await utimes(folder.at('in/b.jpg'), longAgo, longAgo);
  const { keys } = await plan({ tellsNamesApart: true, skipExisting: true });
  expect(keys).toContain('b.jpg');
});

it('skips a file on request if all its results exist and are not older than the file', async () => {
  const recipe = '{"renditions":[{"name":"large"},{"name":"small"}]}';
  const names = ['A', 'a', 'b', 'c/d'];
  await folder.image('in/c/d.png');
  for (const size of ['large', 'small'])
    for (const name of names) {
      const file = await folder.image(`out/${size}/${name}.webp`);
      const storedAt = new Date(Date.now() + 60_000);
      await utimes(file, storedAt, storedAt);
    }
  const all = { tellsNamesApart: true, skipExisting: true, recipe };
  expect(await plan(all)).toMatchObject({ keys: [], skipped: 4, failed: [] });
  expect(await plan({ ...all, skipExisting: false })).toMatchObject({ skipped: 0 });
  await rm(folder.at('out/small/a.webp'));
  await utimes(folder.at('out/small/c/d.webp'), new Date(0), new Date(0));
  expect(await plan(all)).toMatchObject({ keys: ['a.png', 'c/d.png'], skipped: 2 });
});

it('counts the files whose names the recipe ignores', async () => {
  await folder.file('in/sub/x.tmp', '');
  const planned = await plan({ tellsNamesApart: true, recipe: '{"ignore":["*.tmp","b*"]}' });
  expect(planned).toMatchObject({ keys: ['A.png', 'a.png'], ignored: 2, failed: [] });
  expect(await plan({ tellsNamesApart: true })).toMatchObject({ ignored: 0 });
});

it('a file whose result would replace a folder under any name fails', async () => {
  for (const name of ['in/b.webp/x.png', 'in/b.png.webp/y.png']) await folder.image(name);
  const { keys, failed } = await plan({ tellsNamesApart: true });
  expect(keys).not.toContain('b.png');
  expect(failed).toEqual([
    { type: 'failed', key: 'b.png', code: 'file.collides', message: expect.stringContaining('rename') },
  ]);
});

it('ends at once when it is stopped, while it looks for files or for their results', async () => {
  const stopped = { tellsNamesApart: true, stop: AbortSignal.abort() };
  expect(await plan(stopped)).toMatchObject({ keys: [], complete: false });
  const stop = new AbortController();
  let lookups = 0;
  const planned = await plan({
    tellsNamesApart: true,
    skipExisting: true,
    stop: stop.signal,
    onStoredAt() {
      lookups += 1;
      stop.abort();
    },
  });
  expect(planned.complete).toBe(false);
  expect(lookups).toBe(1);
  expect((await plan({ tellsNamesApart: true })).complete).toBe(true);
});

it('names what cannot be read by its path in the folder', async () => {
  await folder.image('in/sub/x.png');
  await symlink('nowhere', folder.at('in/sub/link'));
  const { failed } = await plan({ tellsNamesApart: true });
  expect(failed).toMatchObject([{ type: 'failed', key: 'sub/link', code: 'file.unreadable' }]);
  const gone = await plan({ tellsNamesApart: true, from: folder.at('gone') });
  expect(gone.failed).toMatchObject([{ type: 'failed', key: '.', code: 'file.unreadable' }]);
});

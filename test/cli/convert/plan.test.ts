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
}

function plan({ tellsNamesApart, followLinks = false, skipExisting = false }: Options) {
  const [from, to] = [folder.at('in'), folder.at('out')];
  return planConversion({ from, to, tellsNamesApart }, createResultFolder(to, 'run'), parseRecipe('{}'), {
    followLinks,
    skipExisting,
  });
}

it('if the result folder does not distinguish two names, the second fails before anything is converted', async () => {
  expect(await plan({ tellsNamesApart: false })).toMatchObject({
    keys: ['A.png', 'b.png'],
    failed: [
      {
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

import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, sep } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { finish, millrace, spawnCommand, type Finished, withoutProgress } from '../support/command.ts';
import * as images from '../support/images.ts';

const lineSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('converted'),
    key: z.string(),
    results: z.array(
      z.strictObject({
        rendition: z.string(),
        key: z.string(),
        contentType: z.string(),
        bytes: z.number(),
        width: z.number(),
        height: z.number(),
      }),
    ),
  }),
  z.strictObject({ type: z.literal('failed'), key: z.string(), code: z.string(), message: z.string() }),
  z.strictObject({
    type: z.literal('summary'),
    uploaded: z.number(),
    converted: z.number(),
    failed: z.number(),
    pending: z.number(),
    skipped: z.number().optional(),
    seconds: z.number(),
  }),
]);

function linesOf({ stdout }: Finished) {
  return stdout
    .trim()
    .split('\n')
    .map((line) => lineSchema.parse(JSON.parse(line)));
}

const ODD_PATH = 'a folder/100% + é 🏞️/photo+of%20a boat.jpg';
let folder: string;
let from: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  from = join(folder, 'from');
  await mkdir(from);
  for (const photo of images.PHOTOS)
    await copyFile(photo, join(from, `${basename(dirname(dirname(photo)))}.jpg`));
  await add(ODD_PATH, await images.photo());
  await add('oriented.jpg', await images.orientedWithGps());
  await add('animated.gif', await images.animatedGif());
  await add('sixteen-bit.png', await images.sixteenBitPng());
  await add('cmyk.jpg', await images.cmykJpeg());
  for (const [name, { bytes }] of Object.entries(await bad())) await add(name, bytes);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function add(path: string, bytes: Buffer): Promise<void> {
  await mkdir(dirname(join(from, path)), { recursive: true });
  await writeFile(join(from, path), bytes);
}

async function bad() {
  return {
    'bomb.png': { bytes: images.pngBomb(), code: 'image.too_many_pixels' },
    'corrupt.jpg': { bytes: await images.corruptJpeg(), code: 'image.corrupt' },
    'truncated.jpg': { bytes: await images.truncatedJpeg(), code: 'image.corrupt' },
    'drawing.svg': { bytes: images.svg(), code: 'image.unsupported_format' },
    'text.jpg': { bytes: Buffer.from('I am no photo'), code: 'image.unsupported_format' },
    'empty.jpg': { bytes: Buffer.alloc(0), code: 'source.empty' },
  };
}

async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

describe('millrace convert', () => {
  it('writes a result for every good file, a line with its reason for every bad one, and exits with 1', async () => {
    const to = join(folder, 'to');
    const finished = await millrace('convert', from, '--out', to, '--json');
    const lines = linesOf(finished);
    expect(finished.code).toBe(1);

    const failed = lines.filter((line) => line.type === 'failed').map(({ key, code }) => [key, code]);
    expect(Object.fromEntries(failed)).toEqual(
      Object.fromEntries(Object.entries(await bad()).map(([key, { code }]) => [key, code])),
    );
    const converted = lines.filter((line) => line.type === 'converted');
    expect(converted).toHaveLength(11);
    expect(lines.at(-1)).toMatchObject({
      type: 'summary',
      uploaded: 17,
      converted: 11,
      failed: 6,
      pending: 0,
    });

    const written = await filesBelow(to);
    const named = (key: string) => key.replace(/\.\w+$/, '.webp');
    expect(new Set(written)).toEqual(new Set(converted.map(({ key }) => join(to, named(key)))));
    for (const { key, results } of converted) {
      const [result] = results;
      const bytes = await readFile(join(to, named(key)));
      const metadata = await sharp(bytes).metadata();
      expect(result, key).toMatchObject({
        rendition: 'web',
        key: named(key),
        contentType: 'image/webp',
        bytes: bytes.byteLength,
      });
      expect([metadata.format, metadata.width, metadata.pageHeight ?? metadata.height], key).toEqual([
        'webp',
        result?.width,
        result?.height,
      ]);
      expect(metadata.exif, key).toBeUndefined();
    }
    expect(converted.map(({ key }) => key)).toContain(ODD_PATH);
    expect((await sharp(join(to, 'animated.webp')).metadata()).pages).toBe(3);
  });

  it('writes an oriented photo upright, without its location', async () => {
    const bytes = await readFile(join(folder, 'to', 'oriented.webp'));
    const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([120, 80]);
    const [red = 0, , blue = 0] = data;
    expect(red - blue).toBeGreaterThan(200);
    expect(bytes.includes('GPS')).toBe(false);
    expect(bytes.includes('Camera of somebody')).toBe(false);
  });

  it('skips system files, and prints how many', async () => {
    const one = join(folder, 'littered');
    await mkdir(join(one, 'inner'), { recursive: true });
    await copyFile(images.PHOTOS[0] ?? '', join(one, 'photo.jpg'));
    for (const name of ['.DS_Store', 'inner/._photo.jpg']) await writeFile(join(one, name), 'x');
    const to = join(folder, 'without-litter');
    const finished = await millrace('convert', one, '--out', to);
    expect(finished.code).toBe(0);
    expect(finished.stderr).toContain('ignored 2 files (.DS_Store, ._*, Thumbs.db, desktop.ini)');
    expect(await filesBelow(to)).toEqual([join(to, 'photo.webp')]);
  });

  it("makes the recipe's renditions, each in a folder with its name", async () => {
    const recipe = join(folder, 'recipe.json');
    const renditions = [
      { name: 'thumb', width: 64, height: 64, fit: 'cover', format: 'jpeg' },
      { name: 'same', width: 300, format: 'source' },
    ];
    await writeFile(recipe, JSON.stringify({ renditions }));
    const one = join(folder, 'one');
    await mkdir(one);
    await copyFile(images.PHOTOS[0] ?? '', join(one, 'photo.jpg'));
    const to = join(folder, 'renditions');
    const finished = await millrace('convert', one, '--out', to, '--recipe', recipe);
    expect(finished).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 converted, 0 failed, of 1'),
    });
    expect(await sharp(join(to, 'thumb/photo.jpg')).metadata()).toMatchObject({
      format: 'jpeg',
      width: 64,
      height: 64,
    });
    expect(await sharp(join(to, 'same/photo.jpg')).metadata()).toMatchObject({ format: 'jpeg', width: 300 });
  });

  it('keeps the extension of files whose results would have the same name, and says so', async () => {
    const [twins, to] = [join(folder, 'twins'), join(folder, 'twins-out')];
    await mkdir(twins);
    for (const name of ['a.png', 'a.gif', 'b.png'])
      await writeFile(join(twins, name), await images.tinyPng());
    const convert = () => millrace('convert', twins, '--out', to, '--json', '--skip-existing');
    const finished = await convert();
    expect(finished.stderr).toContain(
      '2 files kept the extension in the names of their results, which would be the same without it: a.gif, a.png\n',
    );
    expect((await filesBelow(to)).toSorted()).toEqual(
      ['a.gif.webp', 'a.png.webp', 'b.webp'].map((name) => join(to, name)),
    );
    const paths = linesOf(finished).flatMap((line) =>
      line.type === 'converted' ? line.results.map(({ key }) => [line.key, key]) : [],
    );
    expect(Object.fromEntries(paths)).toEqual({
      'a.gif': 'a.gif.webp',
      'a.png': 'a.png.webp',
      'b.png': 'b.webp',
    });
    expect(linesOf(await convert()).at(-1)).toMatchObject({ converted: 0, skipped: 3 });
  });

  it.each([
    ['{key}', 'sub/a.png'],
    ['{key}.{extension}', 'sub/a.png.webp'],
    ['{stem}.{extension}', 'sub/a.webp'],
  ])('names results %s if the recipe says so', async (resultName, path) => {
    const [one, to] = [join(folder, `named ${resultName}`), join(folder, `named-out ${resultName}`)];
    await mkdir(join(one, 'sub'), { recursive: true });
    await writeFile(join(one, 'sub/a.png'), await images.tinyPng());
    const recipe = join(folder, `named ${resultName}.json`);
    await writeFile(recipe, JSON.stringify({ resultName }));
    const finished = await millrace('convert', one, '--out', to, '--recipe', recipe);
    expect(finished.code).toBe(0);
    expect(await filesBelow(to)).toEqual([join(to, path)]);
  });

  it('names and counts files that it cannot read, and exits with 1; --follow-links follows links', async () => {
    const mixed = join(folder, 'mixed');
    await mkdir(join(mixed, 'empty'), { recursive: true });
    await copyFile(images.PHOTOS[0] ?? '', join(mixed, 'photo.jpg'));
    await symlink('photo.jpg', join(mixed, 'link.jpg'));
    await symlink('..', join(mixed, 'empty', 'loop'));
    const skipping = await millrace('convert', mixed, '--out', join(folder, 'mixed-out'), '--json');
    expect(skipping.code).toBe(1);
    expect(linesOf(skipping).filter(({ type }) => type === 'failed')).toEqual([
      failure('empty/loop', 'symbolic links are not followed'),
      failure('link.jpg', 'symbolic links are not followed'),
    ]);
    expect(linesOf(skipping).at(-1)).toMatchObject({ uploaded: 3, converted: 1, failed: 2, pending: 0 });
    const following = await millrace(
      'convert',
      mixed,
      '--out',
      join(folder, 'f-out'),
      '--json',
      '--follow-links',
    );
    expect(linesOf(following).filter(({ type }) => type === 'failed')).toEqual([
      failure('empty/loop', 'the link leads back to a folder that contains it'),
    ]);
    expect(linesOf(following).at(-1)).toMatchObject({ uploaded: 3, converted: 2, failed: 1 });

    function failure(key: string, message: string) {
      return { type: 'failed', key, code: 'file.unreadable', message };
    }
  });

  it('refuses a folder without files before it starts anything', async () => {
    const empty = join(folder, 'empty');
    await mkdir(empty);
    const finished = await millrace('convert', empty, '--out', join(folder, 'empty-out'));
    expect(finished).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('there are no files in'),
    });
  });

  it.skipIf(sep === '\\')(
    'keeps backslashes and control characters in names in --out, but not on the terminal',
    async () => {
      const names = [
        '..\\..\\x.png',
        'a\\b.png',
        'a/b.png',
        'c.png.part',
        'c.png',
        '\u001b[2J\nsummary.png',
        'bad\u009b\u202e.png',
      ];
      const odd = join(folder, 'names');
      for (const name of names) {
        await mkdir(dirname(join(odd, name)), { recursive: true });
        await writeFile(join(odd, name), name.startsWith('bad') ? 'no image' : await images.tinyPng());
      }
      const outside = join(folder, 'x.png');
      await writeFile(outside, 'mine');
      const to = join(folder, 'deep/names-out');
      const finished = await millrace('convert', odd, '--out', to);
      expect(finished.code).toBe(1);
      const good = names.filter((name) => !name.startsWith('bad'));
      expect(new Set(await filesBelow(to))).toEqual(
        new Set(good.map((name) => join(to, name.replace(/\.\w+$/, '.webp')))),
      );
      expect(await readFile(outside, 'utf8')).toBe('mine');
      expect(finished.stdout).toContain('failed  bad\\u009b\\u202e.png  image.unsupported_format');
      expect(finished.stdout.split('\n')).toHaveLength(3);
    },
  );

  it('writes nothing through a link in --out that points outside', async () => {
    const [one, to, elsewhere] = ['linked', 'linked-out', 'elsewhere'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await mkdir(join(one, 'sub'), { recursive: true });
    await copyFile(images.PHOTOS[0] ?? '', join(one, 'sub/photo.jpg'));
    await mkdir(to);
    await mkdir(elsewhere);
    await symlink(elsewhere, join(to, 'sub'));
    const finished = await millrace('convert', one, '--out', to, '--json');
    expect(linesOf(finished)[0]).toMatchObject({
      type: 'failed',
      key: 'sub/photo.jpg',
      code: 'file.unwritable',
    });
    expect(await readdir(elsewhere)).toEqual([]);
  });

  it('refuses --out if it is the source folder under another name', async () => {
    const alias = join(folder, 'alias');
    await symlink(from, alias);
    const before = await filesBelow(from);
    for (const out of [alias, join(alias, 'results'), folder])
      expect(await millrace('convert', from, '--out', out)).toMatchObject({ code: 2, stdout: '' });
    expect(await filesBelow(from)).toEqual(before);
  });

  it('continues with --skip-existing, and converts changed files again', async () => {
    const [some, to] = [join(folder, 'some'), join(folder, 'some-out')];
    await mkdir(some);
    for (const name of ['a.png', 'b.png']) await writeFile(join(some, name), await images.tinyPng());
    const convert = async () =>
      linesOf(await millrace('convert', some, '--out', to, '--json', '--skip-existing')).at(-1);
    expect(await convert()).toMatchObject({ uploaded: 2, converted: 2 });
    expect(await convert()).toMatchObject({ uploaded: 0, converted: 0, skipped: 2 });
    const later = new Date(Date.now() + 60_000);
    await utimes(join(some, 'b.png'), later, later);
    expect(await convert()).toMatchObject({ uploaded: 1, converted: 1, skipped: 1 });
  });

  it('goes on when nobody reads its hints', async () => {
    const [some, to] = [join(folder, 'hinted'), join(folder, 'hinted-out')];
    await mkdir(some);
    for (const name of ['a.png', '.DS_Store']) await writeFile(join(some, name), await images.tinyPng());
    const child = spawnCommand(['convert', some, '--out', to, '--json']);
    child.stderr.destroy();
    const finished = await finish(child);
    expect(finished.code).toBe(0);
    expect(linesOf(finished).at(-1)).toMatchObject({ type: 'summary', converted: 1 });
  });

  describe('that is interrupted', () => {
    const start = async () => {
      const [many, tmp] = [join(folder, 'many'), join(folder, 'tmp')];
      await rm(many, { recursive: true, force: true });
      await Promise.all([mkdir(many), mkdir(tmp, { recursive: true })]);
      const photo = await images.photo();
      for (let index = 0; index < 300; index += 1) await writeFile(join(many, `${index}.jpg`), photo);
      const to = join(folder, 'many-out');
      const args = ['convert', many, '--out', to, '--json', '--concurrency', '1'];
      return { to, tmp, child: spawnCommand(args, { TMPDIR: tmp }) };
    };

    it('abandons slow conversions, prints how many files are left, and exits with 130', async () => {
      const { to, tmp, child } = await start();
      child.stdout.once('data', () => child.kill('SIGINT'));
      const finished = await finish(child);
      const lines = linesOf(finished);
      const converted = lines.filter(({ type }) => type === 'converted').length;
      expect(lines.at(-1)).toMatchObject({ uploaded: 300, converted, failed: 0, pending: 300 - converted });
      expect(await filesBelow(to)).toHaveLength(converted);
      expect(finished.stderr).toContain(`interrupted with ${300 - converted} files not converted`);
      expect(finished.code).toBe(130);
      expect((await readdir(tmp)).filter((name) => name.startsWith('millrace'))).toEqual([]);
    });

    it('because its output is closed leaves nothing behind', async () => {
      const { tmp, child } = await start();
      child.stdout.once('data', () => child.stdout.destroy());
      const { code, stderr } = await finish(child);
      expect([code, withoutProgress(stderr)]).toEqual([130, '']);
      expect((await readdir(tmp)).filter((name) => name.startsWith('millrace'))).toEqual([]);
    });
  });

  it.each([
    ['a missing folder', ['/no/such/folder', '--out', 'x'], 'there is no folder /no/such/folder'],
    ['a file instead of a folder', ['package.json', '--out', 'x'], 'package.json is not a folder'],
    ['the same folder twice', ['test', '--out', './test'], 'a different folder'],
    ['results in the source folder', ['test', '--out', 'test/no/such'], 'is inside test'],
    ['sources in the result folder', ['test/e2e', '--out', 'test'], 'contains test/e2e'],
    ['a result folder that cannot be created', ['test', '--out', '/proc/nothing'], 'cannot be written to'],
    ['no --out', ['test'], "required option '--out <dir>'"],
    ['a missing recipe', ['test', '--out', 'x', '--recipe', 'nope.json'], 'nope.json could not be read'],
    ['a recipe with mistakes', ['test', '--out', 'x', '--recipe', 'package.json'], 'Unrecognized key'],
    [
      'a concurrency of 0',
      ['test', '--out', 'x', '--concurrency', '0'],
      'whole number from 1 to 64, got "0"',
    ],
  ])('refuses %s with exit code 2 and an error', async (_name, args, message) => {
    const finished = await millrace('convert', ...args);
    expect(finished.code).toBe(2);
    expect(finished.stderr).toContain(message);
    expect(finished.stdout).toBe('');
  });
});

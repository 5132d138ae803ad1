import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { millrace } from '../support/command.ts';
import { photo } from '../support/images.ts';
import { pixelAt } from '../support/rendered.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  await mkdir(join(folder, 'from'));
  await writeFile(join(folder, 'from/a.jpg'), await photo());
});
afterAll(() => rm(folder, { recursive: true }));

it.each(['--recipe', '--config'])(
  '`millrace convert` reads the watermark beside the file of %s',
  async (option) => {
    const [file, to] = [join(folder, `${option}.json`), join(folder, option)];
    const rendition = { name: 'web', width: 64, format: 'png', watermark: { image: './logo.png' } };
    await writeFile(file, JSON.stringify({ renditions: [rendition] }));
    const convert = () => millrace('convert', join(folder, 'from'), '--out', to, option, file);
    await rm(join(folder, 'logo.png'), { force: true });
    expect(await convert()).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /renditions\[0\]\.watermark\.image: \.\/logo\.png could not be read: ENOENT/,
      ),
    });
    const logo = sharp({ create: { width: 9, height: 9, channels: 3, background: '#ff00ff' } });
    await writeFile(join(folder, 'logo.png'), await logo.png().toBuffer());
    expect(await convert()).toMatchObject({ code: 0 });
    expect(await pixelAt(await readFile(join(to, 'a.png')), -1, -1)).toEqual([255, 0, 255, 255]);
  },
);

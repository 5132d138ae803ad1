import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RECIPE } from '../../../src/core/recipe.ts';
import { deadlineIn } from '../../../src/worker/conversion/image/limits.ts';
import { repaired } from '../../../src/worker/conversion/image/repair/repaired.ts';
import { photo } from '../../support/images.ts';

const repair = (jpeg: Uint8Array, seconds = 60) =>
  repaired(jpeg, 'image/jpeg', { ...DEFAULT_RECIPE.limits, deadline: deadlineIn(seconds) });

const small = async (options: object) =>
  sharp(await photo())
    .resize(120)
    .jpeg(options)
    .toBuffer();

describe.each([
  ['4:2:0', { chromaSubsampling: '4:2:0' }],
  ['4:4:4', { chromaSubsampling: '4:4:4' }],
  ['progressive', { progressive: true }],
])('a photo in %s', (_name, options) => {
  it('that lacks only its end gets it', async () => {
    const jpeg = await small(options);
    const found = await repair(jpeg.subarray(0, -2));
    expect(Buffer.compare(found ?? Buffer.alloc(0), jpeg)).toBe(0);
  });

  it('that lacks only its end is not examined after the deadline', async () => {
    const jpeg = await small(options);
    await expect(repair(jpeg.subarray(0, -2), 0)).rejects.toMatchObject({ code: 'conversion.timeout' });
  });

  it('that lacks more than its end stays damaged, by a byte or by half', async () => {
    const jpeg = await small(options);
    const half = Math.floor(jpeg.byteLength / 2);
    for (const missing of [...Array.from({ length: 24 }, (_, index) => index + 1), half]) {
      const found = await repair(jpeg.subarray(0, -2 - missing));
      const isRefused =
        found === undefined ||
        (await sharp(found)
          .raw()
          .toBuffer()
          .then(
            () => false,
            () => true,
          ));
      expect(isRefused, `${missing} bytes are missing`).toBe(true);
    }
  });

  it('that is sound has nothing to repair', async () => {
    expect(await repair(await small(options))).toBeUndefined();
  });
});

it('a progressive photo without its last scan stays damaged', async () => {
  const jpeg = await small({ progressive: true });
  expect(await repair(jpeg.subarray(0, jpeg.lastIndexOf(Buffer.of(0xff, 0xda))))).toBeUndefined();
});

it('only so many corrections are made to a file', async () => {
  const jpeg = await small({});
  const junk = Buffer.concat(Array.from({ length: 2000 }, () => Buffer.of(0, 0xff, 0xe5, 0, 2)));
  expect(await repair(Buffer.concat([jpeg.subarray(0, 2), junk, jpeg.subarray(2)]))).toBeUndefined();
});

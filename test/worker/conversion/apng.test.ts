import { seededRandom } from '@millrace/local-aws/models';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RECIPE, parseRecipe } from '../../../src/core/recipe.ts';
import { apngOf, filled, type ApngFile, type ApngFrame } from '../../support/apng-file.ts';
import { convertImage } from '../../support/convert-image.ts';
import { exifOrientation, pngChunk } from '../../support/png.ts';

const SIZE = { width: 16, height: 8 };
const RED = { pixels: filled(16, 8, [255, 0, 0, 255]), ...SIZE };
const BLUE = { pixels: filled(16, 8, [0, 0, 255, 255]), ...SIZE };

const animation = (more: Partial<ApngFile> = {}) => apngOf({ ...SIZE, frames: [RED, BLUE], ...more });

const recipe = (rendition: object, limits: object = {}) =>
  parseRecipe(
    JSON.stringify({
      renditions: [{ name: 'a', ...rendition }],
      limits: { ...DEFAULT_RECIPE.limits, ...limits },
    }),
  );

async function converted(apng: Buffer, rendition: object, limits?: object) {
  const [result] = await convertImage(apng, recipe(rendition, limits), 'stamp');
  return { ...result, metadata: await sharp(result?.bytes, { animated: true }).metadata() };
}

it('the delays and the number of plays of an APNG are kept', async () => {
  const apng = animation({
    plays: 3,
    frames: [
      { ...RED, delay: [1, 4] },
      { ...BLUE, delay: [7, 0] },
    ],
  });
  const { metadata } = await converted(apng, { format: 'webp' });
  expect(metadata).toMatchObject({ pages: 2, delay: [250, 70], loop: 3 });
});

it('an APNG with a longer delay or more plays than WebP has gets the most that it has', async () => {
  const frames = [{ ...RED, delay: [100, 1] as const }, BLUE];
  const { metadata } = await converted(animation({ plays: 100_000, frames }), { format: 'webp' });
  expect(metadata).toMatchObject({ pages: 2, delay: [65_535, expect.any(Number)], loop: 65_535 });
});

it('damage outside of the animation, as in a text, does an APNG no harm', async () => {
  const apng = animation({ chunks: [pngChunk('tEXt', Buffer.from('a text'))] });
  apng[apng.indexOf('a text')] = 0x41;
  expect((await converted(apng, { format: 'webp' })).metadata.pages).toBe(2);
});

it.each([
  ['webp', 2],
  ['avif', 1],
  ['jpeg', 1],
])('an APNG becomes %s with %i frames', async (format, frames) => {
  const apng = animation();
  const { pages = 1, ...metadata } = (await converted(apng, { format })).metadata;
  expect({ pages, width: metadata.width }).toEqual({ pages: frames, width: 16 });
});

it('an APNG stays a PNG if the recipe keeps the format of the source', async () => {
  const { metadata } = await converted(animation(), { format: 'source' });
  expect(metadata).toMatchObject({ format: 'png', ...SIZE });
});

it('every frame of an APNG is scaled', async () => {
  const { metadata, bytes } = await converted(animation(), { width: 8, format: 'webp' });
  expect(metadata).toMatchObject({ width: 8, pageHeight: 4, pages: 2 });
  const [r, , b] = await sharp(bytes, { page: 1 }).removeAlpha().raw().toBuffer();
  expect([(r ?? 255) < 16, (b ?? 0) > 239]).toEqual([true, true]);
});

it.each([
  ['more frames', { pages: 1 }, 'image.too_many_pages', /has 2 frames; the recipe allows 1$/],
  ['more pixels', { pixels: 200 }, 'image.too_many_pixels', /256 pixels \(16 × 8 × 2 frames\)/],
])('an APNG of %s than the recipe allows is refused undecoded', async (_what, limits, code, message) => {
  // Its pixels are missing: a decoder says that it is damaged.
  const apng = animation({ frames: [{ ...RED, pixels: new Uint8Array(0) }, BLUE] });
  await expect(converted(apng, {}, limits)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
});

it.each([{ format: 'source' }, { format: 'jpeg' }, { format: 'webp', animated: false }])(
  'only the first frame of an APNG is decoded, and counts, for a still: %j',
  async (rendition) => {
    const apng = animation({ frames: [RED, { ...BLUE, pixels: new Uint8Array(0) }] });
    const { metadata } = await converted(apng, rendition, { pages: 1, pixels: 128 });
    expect(metadata).toMatchObject(SIZE);
  },
);

it.each([
  ['a frame outside of the picture', { frames: [RED, { ...BLUE, left: 1 }] }, /invalid size, position/],
  ['a frame below the picture', { frames: [RED, { ...BLUE, top: 1 }] }, /invalid size, position/],
  [
    'a frame without pixels',
    { frames: [RED, { ...BLUE, pixels: new Uint8Array(0) }] },
    /could not be decoded/,
  ],
  ['an unknown way to draw a frame', { frames: [RED, { ...BLUE, blend: 2 }] }, /invalid size, position/],
  ['an unknown way to remove a frame', { frames: [RED, { ...BLUE, dispose: 3 }] }, /invalid size, position/],
])('an APNG with %s is corrupt', async (_what, more, message) => {
  await expect(converted(animation(more), { format: 'webp' })).rejects.toMatchObject({
    code: 'image.corrupt',
    message: expect.stringMatching(message),
  });
});

/** Returns an APNG with another chunk in the place of the first one of a type. */
function withChunk(type: string, change: (data: Buffer) => Buffer, apng = animation()): Buffer {
  const at = apng.indexOf(type, 0, 'latin1') - 4;
  const end = at + 12 + apng.readUInt32BE(at);
  const data = Buffer.from(apng.subarray(at + 8, end - 4));
  return Buffer.concat([apng.subarray(0, at), pngChunk(type, change(data)), apng.subarray(end)]);
}

const incremented = (at: number) => (data: Buffer) => {
  data.writeUInt32BE(data.readUInt32BE(at) + 1, at);
  return data;
};

it('an APNG whose declaration of frames is damaged becomes its default image', async () => {
  const apng = animation({ defaultImage: filled(16, 8, [0, 255, 0, 255]) });
  const file = withChunk('acTL', (data) => data.subarray(0, 4), apng);
  const { bytes, metadata } = await converted(file, { format: 'webp', lossless: true });
  expect(metadata.pages).toBeUndefined();
  expect([...(await sharp(bytes).removeAlpha().raw().toBuffer()).subarray(0, 3)]).toEqual([0, 255, 0]);
});

it('an APNG that has its frames in another order is corrupt', async () => {
  await expect(converted(withChunk('fdAT', incremented(0)), {})).rejects.toMatchObject({
    code: 'image.corrupt',
    message: 'the image could not be decoded: the frames of the animation are out of order',
  });
});

it.each<[string, (control: Buffer) => Buffer, RegExp]>([
  ['is too short', (control) => control.subarray(0, -1), /out of order/],
  ['has no width', (control) => control.fill(0, 4, 8), /invalid size/],
  ['has no height', (control) => control.fill(0, 8, 12), /invalid size/],
])('an APNG whose first frame %s is corrupt', async (_what, change, message) => {
  await expect(converted(withChunk('fcTL', change), {})).rejects.toMatchObject({
    code: 'image.corrupt',
    message: expect.stringMatching(message),
  });
});

it('a byte that changed in a frame of an APNG is found', async () => {
  const apng = animation();
  const at = apng.lastIndexOf('fdAT', undefined, 'latin1') + 10;
  apng[at] = (apng[at] ?? 0) ^ 1;
  await expect(converted(apng, {})).rejects.toMatchObject({
    code: 'image.corrupt',
    message: 'the image could not be decoded: the checksum of a fdAT chunk is wrong',
  });
});

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF orientation %i', (orientation) => {
  const size = { width: 5, height: 3 };
  const random = seededRandom(orientation);
  const frames = [1, 2].map(() => ({
    ...size,
    pixels: Uint8Array.from({ length: 60 }, (_, at) => (at % 4 === 3 ? 255 : Math.floor(random() * 256))),
  }));
  const apng = apngOf({ ...size, frames, chunks: [exifOrientation(orientation)] });

  /** As sharp turns a still. */
  async function upright({ pixels }: ApngFrame) {
    const raw = sharp(pixels, { raw: { ...size, channels: 4 } });
    return shown(await raw.withMetadata({ orientation }).png().toBuffer());
  }
  async function shown(file: Uint8Array | undefined, page = 0) {
    const { data, info } = await sharp(file, { page })
      .autoOrient()
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: [...data] };
  }

  it('of an APNG turns every frame', async () => {
    const { bytes, metadata } = await converted(apng, { format: 'webp', lossless: true });
    expect(metadata.pages).toBe(2);
    for (const [page, frame] of frames.entries())
      expect(await shown(bytes, page)).toEqual(await upright(frame));
  });

  it('of an APNG turns the still that is made of it', async () => {
    const { bytes } = await converted(apng, { format: 'png' });
    const [first] = frames;
    expect(await shown(bytes)).toEqual(first && (await upright(first)));
  });
});

it('an APNG larger than a WebP can be is converted to its first frame', async () => {
  const size = { width: 16_384, height: 1 };
  const frames = [RED, BLUE].map(({ pixels: [r = 0, g = 0, b = 0] }) => ({
    pixels: filled(size.width, 1, [r, g, b, 255]),
    ...size,
  }));
  const { metadata, bytes } = await converted(apngOf({ ...size, frames }), { width: 100, format: 'png' });
  expect(metadata).toMatchObject({ width: 100, height: 1 });
  expect([...(await sharp(bytes).removeAlpha().raw().toBuffer()).subarray(0, 3)]).toEqual([255, 0, 0]);
  const webp = await converted(apngOf({ ...size, frames }), { width: 100, format: 'webp' });
  expect(webp.metadata.pages).toBeUndefined();
});

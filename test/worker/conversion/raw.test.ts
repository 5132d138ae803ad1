import { describe, expect, it } from 'vitest';
import { parseRecipe } from '../../../src/core/recipe.ts';
import { isRaw, rawPreview } from '../../../src/worker/conversion/image/camera-raw/preview.ts';
import { firstDirectory } from '../../../src/worker/conversion/image/tiff/directory.ts';
import { convertImage } from '../../support/convert-image.ts';
import { nef, preview, sensorOf } from '../../support/formats/raw.ts';
import { tiffFile, type TiffImage } from '../../support/tiff-file.ts';

/** Ten times as long as its preview of 64 × 32 pixels. */
const raw = async () => nef([await preview()], 1, sensorOf(640, 320));

/** Converts to a rendition with these options, and returns its size. */
async function converted(bytes: Uint8Array, options: object): Promise<string> {
  const rendition = { name: 'thumb', format: 'png', ...options };
  const recipe = parseRecipe(JSON.stringify({ renditions: [rendition] }));
  const [result] = await convertImage(bytes, recipe, 'stamp');
  return `${result?.width} × ${result?.height}`;
}

describe('camera RAW with a preview smaller than its picture', () => {
  it.each([
    [{ width: 64 }, '64 × 32'],
    [{ width: 40, height: 40 }, '40 × 20'],
    [{ width: 32, height: 32, fit: 'cover' }, '32 × 32'],
    [{ width: 32, rotate: 90 }, '32 × 64'],
    [{ width: 32, rotate: 270 }, '32 × 64'],
    [{ width: 80, height: 30, fit: 'contain' }, '80 × 30'],
  ])('is converted to what the preview is large enough for: %j', async (options, size) => {
    await expect(converted(await raw(), options)).resolves.toBe(size);
  });

  it.each([
    [{ width: 65 }, '65 × 33'],
    [{ height: 33, fit: 'cover', width: 33 }, '66 × 33'],
    [{ width: 33, rotate: 90 }, '66 × 33'],
    [{ width: 65, height: 20, fit: 'fill' }, '65 × 20'],
    [{ width: 20, height: 33, fit: 'fill' }, '20 × 33'],
    [{ width: 800, enlarge: true }, '640 × 320'],
    [{ width: 32, trim: 10 }, '640 × 320'],
    [{}, '640 × 320'],
  ])('is refused where its picture would be shrunk less: %j', async (options, needed) => {
    await expect(converted(await raw(), options)).rejects.toMatchObject({
      code: 'image.unsupported_format',
      message: `the image is camera RAW, of which only its preview is converted: that is 64 × 32 pixels, and the rendition thumb needs ${needed}`,
    });
  });
});

it('an ordinary TIFF with the field by which ARW is recognized is no camera RAW', async () => {
  const PRINT_IM = 50_341;
  const page = {
    width: 64,
    height: 32,
    bits: 8,
    samples: 3,
    photometric: 2,
    data: Buffer.alloc(64 * 32 * 3),
  };
  const tiff = tiffFile([{ ...page, data: page.data, fields: { [PRINT_IM]: [1] } }]);
  // The sniffer looks only at the beginning of a file.
  expect(tiff.readUInt32LE(4)).toBeGreaterThan(4100);
  const small = { ...page, width: 8, height: 4, data: Buffer.alloc(96), fields: { [PRINT_IM]: [1] } };
  for (const file of [tiff, tiffFile([small])])
    await expect(converted(file, {})).resolves.toMatch(/^\d+ × \d+$/);
});

describe('a TIFF is camera RAW', () => {
  const page = { width: 8, height: 4, bits: 8, samples: 3, photometric: 2, data: Buffer.alloc(96) };
  const reduced = { ...page, fields: { 254: [1] } };
  const isRawAs = (type: string, ...pages: readonly TiffImage[]) => {
    const tiff = tiffFile(pages);
    return isRaw(type, firstDirectory(tiff), tiff);
  };

  it('if its type or a directory tells so', () => {
    expect(isRawAs('image/x-adobe-dng', page)).toBe(true);
    expect(isRawAs('image/tiff', { ...page, fields: { 50_706: [1, 4, 0, 0] } })).toBe(true);
    expect(isRawAs('image/tiff', sensorOf(8, 4))).toBe(true);
    expect(isRawAs('image/tiff', { ...reduced, inside: [page] })).toBe(true);
  });

  it('of a guessed type only if there is a sensor in it', () => {
    expect(isRawAs('image/x-nikon-nef', { ...page, inside: [sensorOf(8, 4)] })).toBe(true);
    expect(isRawAs('image/x-nikon-nef', page, page)).toBe(false);
    expect(isRawAs('image/tiff', page, sensorOf(8, 4))).toBe(false);
  });

  it('not just because it is reduced, or has others inside', () => {
    expect(isRawAs('image/tiff', reduced)).toBe(false);
    expect(isRawAs('image/tiff', { ...page, inside: [page] })).toBe(false);
  });

  it('without a preview if that is in parts, or is not said to be a JPEG', async () => {
    const data = await preview();
    const ofJpeg = (fields: TiffImage['fields']) => {
      const inside = [
        { ...page, width: 64, height: 32, photometric: 6, data, fields: { 254: [1], ...fields } },
      ];
      return () => rawPreview(tiffFile([{ ...reduced, inside }]), 'image/tiff');
    };
    expect(ofJpeg({ 259: [7] })().jpeg).toHaveLength(data.length);
    expect(ofJpeg({ 259: [1] })).toThrow('without a preview in JPEG');
    const parts = ofJpeg({ 259: [7], 273: [data.length, data.length] });
    expect(parts).toThrow('without a preview in JPEG');
  });
});

it('a preview with bytes that fill the space before its markers is converted', async () => {
  const jpeg = await preview();
  const filled = Buffer.concat([jpeg.subarray(0, 2), Buffer.of(0xff, 0xff, 0xff), jpeg.subarray(2)]);
  await expect(converted(nef([filled]), {})).resolves.toBe('64 × 32');
});

it('a rendition of the format `source` is the JPEG that the preview is', async () => {
  const recipe = parseRecipe(JSON.stringify({ renditions: [{ name: 'same', format: 'source' }] }));
  const results = await convertImage(nef([await preview()]), recipe, 'stamp');
  expect(results).toMatchObject([{ contentType: 'image/jpeg' }]);
});

it('a preview with more pixels than the recipe allows is refused', async () => {
  const recipe = parseRecipe(JSON.stringify({ limits: { pixels: 2000 } }));
  await expect(convertImage(nef([await preview()]), recipe, 'stamp')).rejects.toMatchObject({
    code: 'image.too_many_pixels',
    message: 'the image has 2,048 pixels (64 × 32); the recipe allows 2,000',
  });
});

it('directories that lead to each other are read once', async () => {
  const bytes = nef([]);
  const first = bytes.readUInt32LE(4);
  // What follows the fields of the first directory is the offset of the next.
  bytes.writeUInt32LE(first, first + 2 + bytes.readUInt16LE(first) * 12);
  await expect(converted(bytes, {})).rejects.toMatchObject({ code: 'image.unsupported_format' });
});

it('of a preview whose sensor tells no size, only what is too large for any is refused', async () => {
  const thumbnail = { width: 8, height: 4, bits: 8, samples: 3, photometric: 2, data: Buffer.alloc(96) };
  const inside = [{ ...thumbnail, jpeg: await preview() }];
  const bytes = tiffFile([{ ...thumbnail, fields: { 254: [1] }, inside }]);
  await expect(converted(bytes, { width: 32 })).resolves.toBe('32 × 16');
  await expect(converted(bytes, {})).rejects.toMatchObject({ code: 'image.unsupported_format' });
});

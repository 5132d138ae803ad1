import sharp from 'sharp';
import { expect, it } from 'vitest';
import { DEFAULT_RECIPE, parseRecipe } from '../../../src/core/recipe.ts';
import { decodeHeic } from '../../../src/worker/conversion/image/heic/decode.ts';
import { deadlineIn } from '../../../src/worker/conversion/image/limits.ts';
import { convertImage } from '../../support/convert-image.ts';
import { heic } from '../../support/formats/heic.ts';
import { SIDE } from '../../support/patches.ts';

const limits = { ...DEFAULT_RECIPE.limits, deadline: deadlineIn(600) };

it('a HEIC with more pixels than the recipe allows is refused before they are decoded', async () => {
  // Its pixels are gone: who decodes them says that it is damaged.
  const bytes = (await heic('chroma-420')).subarray(0, 500);
  await expect(decodeHeic(bytes, { ...limits, pixels: 2000 })).rejects.toMatchObject({
    code: 'image.too_many_pixels',
    message: 'the image has 2,048 pixels (64 × 32); the recipe allows 2,000',
  });
});

it('a HEIC that is not decoded in time ends with conversion.timeout', async () => {
  await expect(
    decodeHeic(await heic('chroma-420'), { ...limits, deadline: deadlineIn(0) }),
  ).rejects.toMatchObject({
    code: 'conversion.timeout',
  });
});

it('what libheif says of a damaged HEIC is in the reason', async () => {
  await expect(decodeHeic((await heic('chroma-420')).subarray(0, 300), limits)).rejects.toMatchObject({
    code: 'image.corrupt',
    message: "the image could not be decoded: Invalid input: No 'meta' box: Cannot read full meta box",
  });
});

it.each([
  ['becomes a JPEG', 'chroma-420', 'jpeg'],
  ['with transparency becomes a PNG', 'alpha', 'png'],
  ['with a profile becomes a JPEG', 'icc', 'jpeg'],
])('a HEIC %s if the recipe keeps the format of the source', async (_what, name, format) => {
  const recipe = parseRecipe('{"renditions":[{"name":"a","format":"source"}]}');
  const [result] = await convertImage(await heic(name), recipe, 'stamp');
  expect(await sharp(result?.bytes).metadata()).toMatchObject({ format, width: 64, height: 32 });
});

it('several renditions of a HEIC are the same bytes again', async () => {
  const recipe = parseRecipe('{"renditions":[{"name":"a"},{"name":"b","width":16,"format":"png"}]}');
  const make = async () => (await convertImage(await heic('p3'), recipe, 'stamp')).map(({ bytes }) => bytes);
  expect(await make()).toEqual(await make());
});

it('HDR of 10 bits keeps its steps', async () => {
  const { pixels, hdr } = await decodeHeic(await heic('hdr'), limits);
  expect(hdr).toMatchObject({ primaries: 9, transfer: 16, bits: 16 });
  const values = new Uint16Array(pixels.data.buffer);
  const brightness = (patch: number) => values[(SIDE / 2 + patch * SIDE) * pixels.channels];
  expect([0, 1, 3, 5].map((patch) => brightness(patch))).toEqual(
    [0, 82, 512, 1023].map((of10Bits) => Math.round((of10Bits / 1023) * 65_535)),
  );
});

it('an ICC profile counts before the code points of HDR', async () => {
  const { pixels, profile, hdr } = await decodeHeic(await heic('hdr-icc'), limits);
  expect({ profile: profile?.byteLength, hdr, bytes: pixels.data.byteLength }).toEqual({
    profile: 480,
    hdr: undefined,
    bytes: 192 * 16 * 3,
  });
});

import sharp from 'sharp';
import { redAndBlue, showsRedAndBlue, type FormatCase } from './format-case.ts';

/** JPEGs that browsers show whole, and decoders warn of; and those that are not whole. */

const baseline = () => redAndBlue().jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer();
const progressive = () =>
  redAndBlue().jpeg({ quality: 95, chromaSubsampling: '4:4:4', progressive: true }).toBuffer();

const SCAN = Buffer.of(0xff, 0xda);
const FRAME = Buffer.of(0xff, 0xc0);
const END_BYTES = 2;

const withBytesBetween = async () => {
  const jpeg = await baseline();
  const at = jpeg.indexOf(FRAME);
  return Buffer.concat([jpeg.subarray(0, at), Buffer.alloc(3), jpeg.subarray(at)]);
};

const withoutEnd = (jpeg: Buffer) => jpeg.subarray(0, -END_BYTES);

const withOddScan = async () => {
  const jpeg = await baseline();
  const scan = jpeg.indexOf(SCAN);
  const components = jpeg[scan + 4] ?? 0;
  // The last coefficient: 63 in a sound file.
  jpeg[scan + 6 + 2 * components] = 0;
  return jpeg;
};

/** A progressive JPEG up to its last scan. */
const withoutLastScan = async () => {
  const jpeg = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
    .jpeg({ progressive: true })
    .toBuffer();
  return jpeg.subarray(0, jpeg.lastIndexOf(SCAN));
};

export const JPEG_ODDITIES: readonly FormatCase[] = [
  ['bytes between segments', withBytesBetween],
  ['no end after a complete scan', async () => withoutEnd(await baseline())],
  ['half an end after a complete scan', async () => (await baseline()).subarray(0, -1)],
  ['progressive, no end after the last scan', async () => withoutEnd(await progressive())],
  ['odd parameters of a sequential scan', withOddScan],
].map(([feature, make]) => ({
  format: 'JPEG',
  feature: feature as string,
  make: make as () => Promise<Buffer>,
  expected: { shows: showsRedAndBlue },
}));

export const JPEG_PARTS: readonly FormatCase[] = [
  ['a scan that ends early', async () => withoutEnd(await baseline()).subarray(0, -3)],
  ['progressive, without its last scan', withoutLastScan],
].map(([feature, make]) => ({
  format: 'JPEG',
  feature: feature as string,
  make: make as () => Promise<Buffer>,
  expected: { refused: 'image.corrupt', because: /its data ends too early/ },
}));

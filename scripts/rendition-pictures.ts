import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { thumbHashToRGBA } from 'thumbhash';
import { convertImage, type ConvertedImage } from '../test/support/convert-image.ts';
import { toDataUrl } from '../src/core/data-url.ts';
import { parseRecipe } from '../src/core/recipe.ts';
import { PHOTOS } from '../test/support/images.ts';

/** Makes the pictures of docs/renditions.md: renditions of a test photo that differ in one option. */

const IMAGES = fileURLToPath(new URL('../docs/images/renditions/', import.meta.url));
const CROP = { width: 200, height: 100, fit: 'cover' };

const RENDITIONS = {
  inside: { width: 200, height: 200 },
  cover: CROP,
  attention: { ...CROP, position: 'attention' },
  entropy: { ...CROP, position: 'entropy' },
  point: { ...CROP, position: { x: 0.5, y: 0.1 } },
  contain: { ...CROP, fit: 'contain', background: '#4a90d9' },
  rotate: { width: 200, height: 200, rotate: 90, animated: false },
  trim: { width: 200, height: 200, trim: 40, animated: false },
  sharpen: { ...CROP, sharpen: 1 },
  'max-bytes-2500': { ...CROP, position: 'entropy', maxBytes: 2500 },
  'max-bytes-1800': { ...CROP, position: 'entropy', maxBytes: 1800 },
};

const mark = sharp({ create: { width: 60, height: 20, channels: 3, background: '#4a90d9' } })
  .composite([
    {
      input: { create: { width: 52, height: 12, channels: 3, background: '#ffffff' } },
      left: 4,
      top: 4,
    },
  ])
  .png();
const image = toDataUrl(await mark.toBuffer());

const WATERMARKS = {
  watermark: { image, scale: 0.3, margin: 8 },
  'watermark-faint': { image, position: 'center', scale: 0.8, opacity: 0.4 },
};

const photo = await readFile(PHOTOS.find((path) => path.includes('allium')) ?? '');

await mkdir(IMAGES, { recursive: true });
for (const [name, options] of Object.entries(RENDITIONS)) await save(name, (await made(name, options)).bytes);
for (const [name, watermark] of Object.entries(WATERMARKS))
  await save(name, (await made(name, { ...RENDITIONS.inside, watermark })).bytes);

const { metadata } = await made('inside', { ...RENDITIONS.inside, placeholder: 'thumbhash' });
const { width, height, thumbhash = '', 'dominant-color': color = '' } = metadata;
const size = { width: Number(width), height: Number(height) };
const { w, h, rgba } = thumbHashToRGBA(Buffer.from(thumbhash, 'base64'));
const blurred = sharp(rgba, { raw: { width: w, height: h, channels: 4 } }).resize({ ...size, fit: 'fill' });
await save('thumbhash', await blurred.webp().toBuffer());
await save(
  'color',
  await sharp({ create: { ...size, channels: 3, background: color } })
    .webp()
    .toBuffer(),
);

async function made(name: string, options: object): Promise<ConvertedImage> {
  const recipe = parseRecipe(JSON.stringify({ renditions: [{ name, ...options }] }));
  const [result] = await convertImage(photo, recipe, 'docs');
  if (result === undefined) throw new Error(`${name} was not made`);
  return result;
}

async function save(name: string, bytes: Uint8Array): Promise<void> {
  await writeFile(join(IMAGES, `${name}.webp`), bytes);
  process.stdout.write(`${name}: ${bytes.byteLength} bytes\n`);
}

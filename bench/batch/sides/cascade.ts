/** The lower bound: one decode for all renditions, from memory to memory, one photo at a time per core. */
import { readFileSync } from 'node:fs';
import type { SQSEvent } from 'aws-lambda';
import pLimit from 'p-limit';
import sharp, { type OutputInfo } from 'sharp';
import { ENCODING, WIDTHS, type Format } from '../recipe.ts';

const format = process.env['BENCH_FORMAT'] as Format;
const limit = pLimit(Number(process.env['BENCH_CORES']));
const photos = (process.env['BENCH_PHOTOS'] ?? '').split(':').map((file) => readFileSync(file));

sharp.concurrency(1);
sharp.cache(false);

/** Returns the renditions of each photo. */
export function handler(_event: SQSEvent): Promise<OutputInfo[][]> {
  return Promise.all(photos.map((photo) => limit(() => cascade(photo))));
}

async function cascade(photo: Buffer): Promise<OutputInfo[]> {
  const [width] = WIDTHS;
  const { data, info } = await sharp(photo)
    .autoOrient()
    .resize({ width, height: width, fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  const made: OutputInfo[] = [];
  for (const side of WIDTHS) {
    const image = sharp(data, { raw }).resize({
      width: side,
      height: side,
      fit: 'inside',
      withoutEnlargement: true,
    });
    const encoded = await image[format](ENCODING[format]).toBuffer({ resolveWithObject: true });
    made.push(encoded.info);
  }
  return made;
}

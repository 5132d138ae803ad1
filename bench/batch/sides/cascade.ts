/** The lower bound: one decode for all renditions, from memory to memory, one photo at a time per core. */
import { readFileSync } from 'node:fs';
import type { SQSEvent } from 'aws-lambda';
import pLimit from 'p-limit';
import type { OutputInfo } from 'sharp';
import { configureSharp } from '../../../src/worker/conversion/image/sharp.ts';
import type { Format } from '../recipe.ts';
import { render } from './render.ts';

const format = process.env['BENCH_FORMAT'] as Format;
const limit = pLimit(Number(process.env['BENCH_CORES']));
const photos = (process.env['BENCH_PHOTOS'] ?? '').split(':').map((file) => readFileSync(file));

configureSharp();

/** Returns the renditions of each photo. */
export async function handler(_event: SQSEvent): Promise<OutputInfo[][]> {
  const made = await limit.map(photos, (photo) => render(photo, format));
  return made.map((renditions) => renditions.map(({ info }) => info));
}

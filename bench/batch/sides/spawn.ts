import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SQSRecord } from 'aws-lambda';
import type { Format } from '../recipe.ts';
import { convertWith } from './sample.ts';

const PROGRAM = process.env['BENCH_IMAGE_MAGICK'] ?? '';
const FORMAT = process.env['BENCH_FORMAT'] as Format;

export const ENCODE = ['-quality', '80'] as const;
export const boxOf = (width: number) => `${width}x${width}>`;

interface Files {
  photo: string;
  /** Path of the rendition of this width. */
  result(width: number): string;
  imageMagick(...args: string[]): Promise<unknown>;
}

/** Converts a message's photo with ImageMagick. @param make makes one rendition */
export async function convertBySpawning(
  record: SQSRecord,
  make: (files: Files, width: number) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  const files: Files = {
    photo: join(folder, 'photo'),
    result: (width) => join(folder, `${width}.${FORMAT}`),
    imageMagick: (...args) => promisify(execFile)(PROGRAM, args),
  };
  try {
    await convertWith(record, async (photo) => {
      await writeFile(files.photo, photo);
      return async (width) => {
        await make(files, width);
        return readFile(files.result(width));
      };
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

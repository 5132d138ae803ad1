import type { SQSEvent } from 'aws-lambda';
import { boxOf, convertBySpawning, ENCODE } from './spawn.ts';

/** Spawns ImageMagick once per rendition. */
export async function handler({ Records }: SQSEvent): Promise<void> {
  for (const record of Records)
    await convertBySpawning(record, async ({ photo, result, imageMagick }, width) => {
      await imageMagick(photo, '-auto-orient', '-resize', boxOf(width), ...ENCODE, result(width));
    });
}

import type { SQSEvent } from 'aws-lambda';
import { WIDTHS } from '../recipe.ts';
import { boxOf, convertBySpawning, ENCODE } from './spawn.ts';

/** Spawns ImageMagick once per photo. It decodes once and makes each rendition from the previous one. */
export async function handler({ Records }: SQSEvent): Promise<void> {
  for (const record of Records)
    await convertBySpawning(record, async ({ photo, result, imageMagick }, width) => {
      const [first, ...rest] = WIDTHS;
      if (width !== first) return;
      const smaller = rest.flatMap((each) => ['-resize', boxOf(each), '-write', result(each)]);
      const chain = ['-resize', boxOf(first), ...ENCODE, '-write', result(first), ...smaller];
      await imageMagick(photo, '-auto-orient', ...chain, 'null:');
    });
}

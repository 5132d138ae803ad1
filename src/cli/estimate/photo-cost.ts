import { costOf, totalOf } from '../../core/cost.ts';
import { LAMBDA_DEFAULTS } from '../../core/lambda-defaults.ts';
import { DEFAULT_RECIPE } from '../../core/recipe.ts';
import { LARGEST_BATCH } from '../../core/timing.ts';
import { conversionSeconds } from './conversion-seconds.ts';

const MEGAPIXELS = 12;

/** Returns the approximate dollars for conversions on AWS if only their number is known: camera photos to WebP. */
export function photoCost(objects: number, renditions: number): number {
  const made = Array.from({ length: renditions }, () => DEFAULT_RECIPE.renditions).flat();
  return totalOf(
    costOf({
      objects,
      renditions,
      seconds: conversionSeconds(MEGAPIXELS, made),
      batchSize: LARGEST_BATCH,
      megabytes: LAMBDA_DEFAULTS.workerMegabytes,
      architecture: 'arm64',
    }),
  );
}

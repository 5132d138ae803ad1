import { conversionSeconds } from '../src/cli/estimate/conversion-seconds.ts';
import { drain } from '../src/cli/estimate/drain.ts';
import { estimateOf, type Estimate } from '../src/cli/estimate/estimate-of.ts';
import { ACCOUNT_CONCURRENCY } from '../src/cli/estimate/event-source.ts';
import { LAMBDA_DEFAULTS } from '../src/core/lambda-defaults.ts';
import { PRICES } from '../src/core/prices.ts';
import { DEFAULT_RECIPE, parseRecipe } from '../src/core/recipe.ts';
import { timingOf } from '../src/core/timing.ts';
import { recipeOf } from './batch/recipe.ts';

export const OBJECTS = 1_000_000;
export const MEGAPIXELS = 12;

/**
 * Relative wall time per photo, measured on one core with three JPEG renditions and a simulated S3 latency of 30 ms. 1
 * is the time of three separate resizes without I/O.
 */
const MEASURED = { millrace: 0.84, forLoop: 1.55 } as const;

/** The result of a drain. */
export interface Drain extends Pick<Estimate, 'drained' | 'dollars'> {
  /** The number of objects that are still waiting, over time. */
  waiting: { seconds: number; objects: number }[];
}

/** Simulates draining a million photos: with Millrace, and with a sequential handler. */
export function drainBoth(concurrency: number, samples: number): Record<'millrace' | 'forLoop', Drain> {
  const { renditions } = parseRecipe(recipeOf('jpeg'));
  const coreSeconds = conversionSeconds(MEGAPIXELS, renditions);
  const ask = (seconds: number) => {
    const estimate = estimateOf({
      objects: OBJECTS,
      renditions: renditions.length,
      coreSeconds: seconds,
      megabytes: LAMBDA_DEFAULTS.workerMegabytes,
      timing: timingOf(DEFAULT_RECIPE.limits),
      scaling: { concurrency },
      accountConcurrency: ACCOUNT_CONCURRENCY,
    });
    return { ...estimate, waiting: waitingOver(estimate, samples) };
  };
  const forLoop = ask((coreSeconds * MEASURED.forLoop) / MEASURED.millrace);
  // The for-loop neither looks for results nor uses an idempotency table.
  const spared = forLoop.cost.dynamoDb + OBJECTS * renditions.length * PRICES.s3Get;
  return { millrace: ask(coreSeconds), forLoop: { ...forLoop, dollars: forLoop.dollars - spared } };
}

function waitingOver({ drained, ramp, batchSize, secondsEach }: Estimate, samples: number) {
  const width = drained.seconds / samples;
  const converted = new Float64Array(samples + 1);
  for (const { end, objects } of drain({ objects: OBJECTS, batchSize, secondsEach }, ramp)) {
    const sample = Math.min(samples, Math.ceil(end / width));
    converted[sample] = (converted[sample] ?? 0) + objects;
  }
  let objects = OBJECTS;
  return Array.from(converted, (number, sample) => {
    objects -= number;
    return { seconds: sample * width, objects };
  });
}

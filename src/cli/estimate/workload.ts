import { maxRenditions } from '../../core/result-keys.ts';
import { pipelineRecipe, type Recipe } from '../../core/recipe.ts';
import { limitsOf, resultNamesOf } from '../../core/rules.ts';
import { timingOf } from '../../core/timing.ts';
import { readConfiguration, type ConfigurationOptions } from '../configuration.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { count } from '../format.ts';
import { conversionSeconds } from './conversion-seconds.ts';
import { speedOf, type Workload } from './estimate-of.ts';
import { MINIMUM_POLLERS } from './event-source.ts';

export interface Options extends ConfigurationOptions {
  objects: number;
  megapixels?: number;
  secondsPerObject?: number;
  memory: number;
  concurrency: number;
  accountConcurrency: number;
  pollers?: number;
  minPollers?: number;
  json?: true;
}

/**
 * Returns the workload that the options describe.
 * @throws CommandError if they contradict each other, or every object would fail
 */
export async function workloadOf(options: Options): Promise<Workload> {
  const { recipe } = await readConfiguration(options, pipelineRecipe);
  const limits = limitsOf(recipe);
  const coreSeconds = options.secondsPerObject ?? photoSeconds(options.megapixels, recipe);
  const seconds = coreSeconds / Math.min(1, speedOf(options.memory));
  if (seconds > limits.seconds)
    throw new CommandError(
      EXIT.wrongUsage,
      `with ${count(options.memory)} MB an object takes ${seconds.toFixed(0)} s, and limits.seconds allows ${limits.seconds} s: all would fail with conversion.timeout`,
    );
  return {
    objects: options.objects,
    renditions: maxRenditions(resultNamesOf(recipe)),
    coreSeconds,
    megabytes: options.memory,
    timing: timingOf(limits),
    scaling: scalingOf(options),
    accountConcurrency: options.accountConcurrency,
  };
}

function photoSeconds(megapixels: number | undefined, { rules, renditions, limits }: Recipe): number {
  if (megapixels === undefined)
    throw new CommandError(
      EXIT.wrongUsage,
      'say how large the photos are with --megapixels, or how long a conversion takes with --seconds-per-object',
    );
  if (rules.length > 0)
    throw new CommandError(
      EXIT.wrongUsage,
      "the time of a configuration's conversions is not known: measure it, and pass --seconds-per-object instead of --megapixels",
    );
  if (megapixels * 1e6 > limits.pixels)
    throw new CommandError(
      EXIT.wrongUsage,
      `--megapixels ${megapixels} is above limits.pixels of the recipe, ${count(limits.pixels)}: all photos would fail`,
    );
  return conversionSeconds(megapixels, renditions);
}

function scalingOf({ concurrency, pollers, minPollers }: Options): Workload['scaling'] {
  if (pollers === undefined) {
    if (minPollers === undefined) return { concurrency };
    throw new CommandError(EXIT.wrongUsage, '--min-pollers needs the maximum as well: --pollers N');
  }
  const minimum = minPollers ?? MINIMUM_POLLERS.min;
  if (minimum <= pollers) return { pollers: { minimum, maximum: pollers } };
  throw new CommandError(EXIT.wrongUsage, `--min-pollers ${minimum} is above --pollers ${pollers}`);
}

import { DEFAULT_RECIPE } from '../../src/core/recipe.ts';
import { timingOf } from '../../src/core/timing.ts';

/** The timing of a pipeline with the default recipe. */
export const TIMING = timingOf(DEFAULT_RECIPE.limits);

import fc from 'fast-check';
import * as z from 'zod';

/**
 * The settings of all tests with random cases. The cases are the same in every run, so that a failure can be replayed.
 * FUZZ_SEED selects others, and FUZZ_SCALE multiplies their number. A failing property prints its seed and the path to
 * its counterexample; a run with `FUZZ_SEED=seed` finds it again.
 */
const environment = z
  .object({
    FUZZ_SEED: z.coerce.number().int().default(1),
    FUZZ_SCALE: z.coerce.number().positive().default(1),
  })
  .parse(process.env);

export const FUZZ_SEED = environment.FUZZ_SEED;

/** Returns the number of cases to run, for the usual number. */
export const cases = (usual: number): number => Math.ceil(usual * environment.FUZZ_SCALE);

/** fast-check's default number of cases. */
const USUAL_CASES = 100;

fc.configureGlobal({
  seed: FUZZ_SEED,
  numRuns: cases(USUAL_CASES),
  // By default, fast-check generates about five elements, whatever the maximum length.
  defaultSizeToMaxWhenMaxSpecified: true,
});

export { fc };

import fc from 'fast-check';
import * as z from 'zod';

/**
 * What all tests with random cases share. The cases are the same in every run, so that a failure can be replayed;
 * FUZZ_SEED draws others, and FUZZ_SCALE multiplies their number. A property that fails prints its seed and the path to
 * its counterexample; a run with `FUZZ_SEED=seed` finds it again.
 */
const environment = z
  .object({
    FUZZ_SEED: z.coerce.number().int().default(1),
    FUZZ_SCALE: z.coerce.number().positive().default(1),
  })
  .parse(process.env);

export const FUZZ_SEED = environment.FUZZ_SEED;

/** Returns how many cases to run, given the usual number. */
export const cases = (usual: number): number => Math.ceil(usual * environment.FUZZ_SCALE);

/** fast-check's own number of cases. */
const USUAL_CASES = 100;

fc.configureGlobal({
  seed: FUZZ_SEED,
  numRuns: cases(USUAL_CASES),
  // fast-check draws about five elements, whatever the bound, unless it is told that a bound means what it says.
  defaultSizeToMaxWhenMaxSpecified: true,
});

export { fc };

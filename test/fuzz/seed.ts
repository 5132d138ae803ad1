/** The same cases in every run, so that a failure can be looked into; others with FUZZ_SEED in the environment. */
export const FUZZ_SEED = Number(process.env['FUZZ_SEED'] ?? 1);

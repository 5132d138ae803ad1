/** The recipe limits for the fuzzed images. */
export const LIMIT_SECONDS = 5;

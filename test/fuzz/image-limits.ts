/** What the recipe of the fuzzed images allows a conversion. */
export const LIMIT_SECONDS = 5;

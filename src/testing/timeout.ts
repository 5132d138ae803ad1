/** Only stops tests that hang. Each attempt has the conversion's own time limit. */
export const TIMEOUT = { timeout: 30 * 60_000 };

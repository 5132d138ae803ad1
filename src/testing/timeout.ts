/** Only to end what hangs: each attempt has the limit of its conversion. */
export const TIMEOUT = { timeout: 30 * 60_000 };

/**
 * The codes that the status of a content may have, its own first. After four crashes, the last attempt at a poison may
 * have met something else.
 */
export const UNCONVERTIBLE: Readonly<Record<string, readonly string[]>> = {
  bad: ['image.corrupt'],
  poison: ['process.died', 'retries.exhausted'],
};

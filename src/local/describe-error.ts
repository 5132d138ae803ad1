import { diskTrouble } from '@millrace/local-aws/errors';

/** A bug needs its stack; a full disk does not. */
export function describeError(error: unknown): string {
  const trouble = diskTrouble(error);
  if (trouble !== undefined) return trouble.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

import { diskTrouble } from '@millrace/local-aws/errors';

/** Describes an error: with the stack for a bug, without it for disk trouble. */
export function describeError(error: unknown): string {
  const trouble = diskTrouble(error);
  if (trouble !== undefined) return trouble.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

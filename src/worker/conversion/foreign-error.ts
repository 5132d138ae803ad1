import { tmpdir } from 'node:os';
import { isCode, isConversionCode } from '../../core/code-names.ts';
import { Rejected, Retryable, type ErrorCode } from '../../core/errors.ts';

/** System errors of a disk without space, or of a used-up quota. */
const DISK_FULL = new Set(['ENOSPC', 'EDQUOT']);

/**
 * Translates an error that a conversion threw. A separately bundled conversion has its own copies of our classes, so
 * this depends on the error's name and code, not on its class. Any error that is not clearly a rejection is retried.
 * @param conversion name of the conversion that threw it
 */
export function translateForeignError(error: unknown, conversion: string): Rejected | Retryable {
  if (error instanceof Rejected || error instanceof Retryable) return checked(error, conversion);
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    if (DISK_FULL.has(error.code))
      return new Retryable('disk.full', `the disk of ${tmpdir()} is full: ${error.message}`, {
        cause: error,
      });
    const code = error.code as ErrorCode;
    if (error.name === 'Rejected')
      return checked(new Rejected(code, error.message, { cause: error }), conversion);
    if (error.name === 'Retryable')
      return checked(new Retryable(code, error.message, { cause: error }), conversion);
  }
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return unexpected(`the conversion ${conversion} failed: ${text}`, error);
}

function checked(error: Rejected | Retryable, conversion: string): Rejected | Retryable {
  const { code } = error;
  if (isCode(code) || (isConversionCode(code) && code.startsWith(`${conversion}.`))) return error;
  return unexpected(
    `the conversion ${conversion} failed with the code ${JSON.stringify(code)}, which should be ${conversion}.… : ${error.message}`,
    error,
  );
}

function unexpected(message: string, cause: unknown): Retryable {
  return new Retryable('internal.unexpected', message, { cause });
}

import type { Code } from './code-names.ts';
import { defined } from './defined.ts';
import type { SourceIdentity } from './source.ts';

/** A built-in code, or a conversion's: its name, a dot, and the failure, such as `csv.bad_row`. */
export type ErrorCode = Code | (`${string}.${string}` & {});

/** Errors are named by what they mean for the object at hand, and carry a stable `code` that programs match on. */
abstract class OutcomeError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Deterministic failure: the same bytes under the same recipe fail again. Never retried. */
export class Rejected extends OutcomeError {
  override readonly name = 'Rejected';
}

/** Transient failure: a later attempt may succeed. */
export class Retryable extends OutcomeError {
  override readonly name = 'Retryable';
  /** The upload, if the attempt failed at its conversion. */
  readonly source: SourceIdentity | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions & { source?: SourceIdentity } = {}) {
    super(code, message, options);
    this.source = options.source;
  }
}

/** A rejection whose report or dead letter could not be stored: a later attempt may report it. */
export class UnreportedRejection extends Retryable {
  readonly rejection: Rejected;

  /** @param source the rejected upload; absent if the key alone is rejected */
  constructor(rejection: Rejected, source: SourceIdentity | undefined, failure: Retryable) {
    super(failure.code, failure.message, { cause: failure, ...defined({ source }) });
    this.rejection = rejection;
  }
}

/** Returns the error as a `Retryable`. An unexpected error is wrapped, because a later attempt may succeed. */
export function asRetryable(error: unknown): Retryable {
  if (error instanceof Retryable) return error;
  return new Retryable('internal.unexpected', `unexpected: ${String(error)}`, { cause: error });
}

/** Returns the error as a new `Retryable` that names the upload. */
export function failureOf(source: SourceIdentity, error: unknown): Retryable {
  const failure = asRetryable(error);
  // A new error, because a conversion may throw the same one for every upload.
  return new Retryable(failure.code, failure.message, { cause: failure.cause ?? failure, source });
}

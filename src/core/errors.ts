import type { Code } from './code-names.ts';
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
}

/** A rejection whose report or dead letter could not be stored: a later attempt may report it. */
export class UnreportedRejection extends Retryable {
  readonly rejection: Rejected;
  /** The rejected upload; absent if there is no object. */
  readonly source: SourceIdentity | undefined;

  constructor(rejection: Rejected, source: SourceIdentity | undefined, failure: Retryable) {
    super(failure.code, failure.message, { cause: failure });
    this.rejection = rejection;
    this.source = source;
  }
}

import type { Code } from './codes.ts';

/**
 * Errors are named by what they mean for the object at hand, and carry a stable `code` that programs match on,
 * a message for people and a `context` for the logs.
 */
abstract class OutcomeError extends Error {
  readonly code: Code;
  readonly context: Readonly<Record<string, unknown>>;

  constructor(
    code: Code,
    message: string,
    options: { context?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.context = options.context ?? {};
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

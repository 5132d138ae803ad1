import type { Problem } from '../contract/types.ts';

/** The API refused a request, or failed. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** The HTTP status. */
  readonly status: number;
  /** Stable, for programs. Undefined if the response came from a gateway in front of the API. */
  readonly code: string | undefined;
  /** Invalid parts of the request, such as `files[3].size`, with reasons. */
  readonly errors: NonNullable<Problem['errors']>;

  constructor(status: number, message: string, { code, errors = [] }: Partial<Problem> = {}) {
    super(message);
    this.status = status;
    this.code = typeof code === 'string' ? code : undefined;
    // A gateway in front of the API may use this name for something else.
    this.errors = Array.isArray(errors) ? errors : [];
  }
}

/** Returns the error for an unsuccessful response. */
export function apiErrorOf(status: number, text: string): ApiError {
  const problem = parse(text);
  if (typeof problem?.detail === 'string') return new ApiError(status, problem.detail, problem);
  return new ApiError(status, `the API answered ${status}: ${text.slice(0, 200)}`);
}

function parse(text: string): Partial<Problem> | undefined {
  try {
    return (JSON.parse(text) ?? undefined) as Partial<Problem> | undefined;
  } catch {
    return undefined;
  }
}

import type { Problem } from '../contract/types.ts';

/** The API refused a request, or failed. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** The HTTP status. */
  readonly status: number;
  /** Stable: for programs. Undefined when the answer came from a gateway in front of the API. */
  readonly code: string | undefined;
  /** Which parts of the request were wrong, such as `files[3].size`, and what is wrong with them. */
  readonly errors: NonNullable<Problem['errors']>;

  constructor(status: number, message: string, { code, errors = [] }: Partial<Problem> = {}) {
    super(message);
    this.status = status;
    this.code = typeof code === 'string' ? code : undefined;
    // A gateway in front of the API may answer something else under this name.
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

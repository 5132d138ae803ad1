/**
 * The reason why a data folder is refused.
 * - `foreign`: it contains something else, or was written by a later version
 * - `in use`: another process runs on it
 * - `damaged`: something that was acknowledged is missing
 * - `unwritable`: the disk is full, read-only or gone, at startup or later
 */
type Kind = 'foreign' | 'in use' | 'damaged' | 'unwritable';

/** Thrown for a data folder that cannot be used, or only after a repair. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
  readonly kind: Kind;

  constructor(kind: Kind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** Returns the error for a failed write that everything depends on. */
export function unwritable(folder: string, cause: unknown): DataFolderError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new DataFolderError(
    'unwritable',
    `the data folder ${folder} cannot be written: ${why}; nothing that was acknowledged is lost: free the disk and start again`,
    { cause },
  );
}

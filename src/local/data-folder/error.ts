/**
 * Why a data folder is refused.
 * - `foreign`: it holds something else, or was written by a later version
 * - `in use`: another pipeline runs on it
 * - `damaged`: something that was acknowledged is missing
 */
type Kind = 'foreign' | 'in use' | 'damaged';

/** A data folder that must not be used, or not without `--repair`. Nothing in it was changed. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
  readonly kind: Kind;

  constructor(kind: Kind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

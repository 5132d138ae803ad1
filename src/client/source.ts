/** A file to upload. The environment provides its bytes. */
export interface Source {
  /** Path within the batch, with slashes. */
  name: string;
  /** Media type. */
  type: string;
  /** Bytes. */
  size: number;
  open(): Blob | Promise<Blob>;
}

/** A file that is being uploaded. */
export interface Upload<S extends Source = Source> {
  readonly source: S;
  /** The key without the prefix of the batch. */
  readonly name: string;
  readonly key: string;
  state: 'waiting' | 'sending' | 'sent' | 'failed';
  /** Bytes. */
  sent: number;
  /** Why it failed. */
  error?: unknown;
}

export interface UploadState {
  bucket: string;
  key: string;
  /** `ignored`: there is nothing to convert, by the key and the size alone. */
  state: 'converted' | 'failed' | 'pending' | 'ignored';
  uploadedAt: Date;
  bytes: number;
  /** Whether a result was made under an older recipe. Only set if the objects were checked. */
  stale?: boolean;
  /** An attempt has begun and is not over. Only set if the objects were checked. */
  attempting?: true;
}

/**
 * The basis of a status. `listings`: keys and dates, which do not show that the newest version of an upload was
 * deleted, that a result is of an older recipe, or that an object is not a result. `objects`: the metadata of each
 * object.
 */
export type Basis = 'listings' | 'objects';

/** Bytes of the results, in the order of the upload's renditions; only if the state is `converted`. */
export type UploadStateWithBytes = UploadState & { resultBytes: number[] };

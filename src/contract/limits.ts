/** What a caller may ask for in one request. Schemas enforce these limits, and clients divide their work by them. */
export const LIMITS = {
  /** Bytes of a request's body. Lambda takes and returns 6 MB; `POST /uploads` adds a key to each name. */
  bodyBytes: 4_000_000,
  /** Files of `createUploads`. */
  files: 10_000,
  /** Parts of `signParts`. */
  signedParts: 100,
  /** Objects in a page of `listBatch`. */
  listedObjects: 1000,
  /** Uploads that `getBatch` counts, and `listBatch` looks at for a page: some seconds' worth. */
  countedUploads: 50_000,
  /** Dead letters of `listDeadLetters`. */
  listedDeadLetters: 100,
  /** Message ids of `purgeDeadLetters`. */
  purgedDeadLetters: 10_000,
  /** Redrives of `listRedrives`. */
  listedRedrives: 20,
} as const;

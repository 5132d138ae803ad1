/** The limits of one request to the HTTP API. The server refuses larger requests; clients split their work. */
export const LIMITS = {
  /** Bytes of a request's body. Lambda's maximum is 6 MB in each direction; `POST /uploads` adds a key to each name. */
  bodyBytes: 4_000_000,
  /** Files of `createUploads`. */
  files: 10_000,
  /** Parts of `signParts`. */
  signedParts: 100,
  /** Objects in a page of `listBatch`. */
  listedObjects: 1000,
  /** Uploads that `getBatch` counts and `listBatch` reads for a page, which takes a few seconds. */
  countedUploads: 50_000,
  /** Dead letters of `listDeadLetters`. */
  listedDeadLetters: 100,
  /** Message ids of `purgeDeadLetters`. */
  purgedDeadLetters: 10_000,
  /** Redrives of `listRedrives`. */
  listedRedrives: 20,
} as const;

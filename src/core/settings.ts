/**
 * The numbers that the deployment and the local pipeline share. Units are in the names.
 */
export const SETTINGS = {
  functionTimeoutSeconds: 120,
  /** AWS asks for at least six times the function's timeout, so that throttled batches are not received twice. */
  visibilityTimeoutSeconds: 720,
  /** Receives before a queue's redrive policy moves the message; at least 5 on a Lambda event source. */
  maxReceiveCount: 5,
  batchSize: 10,
  retryBatchSize: 1,
  queueRetentionSeconds: 4 * 86_400,
  /** The longest SQS allows: a dead letter keeps the enqueue time it had, so the others must be well below. */
  deadLetterRetentionSeconds: 14 * 86_400,
  /** Dead letters of this age are archived by the expiry guard: two days before SQS drops them. */
  archiveAfterSeconds: 12 * 86_400,
  idempotencyExpirySeconds: 86_400,
  /** For which the records of redrives and archived dead letters are kept. Failure reports do not expire. */
  ownObjectDays: 21,
} as const;

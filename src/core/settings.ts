/**
 * The numbers that the deployment and the local pipeline share. Units are in the names. What depends on the recipe
 * is in `timing.ts`.
 */
export const SETTINGS = {
  /** Receives before a queue's redrive policy moves the message; at least 5 on a Lambda event source. */
  maxReceiveCount: 5,
  retryBatchSize: 1,
  queueRetentionSeconds: 4 * 86_400,
  /** SQS's maximum. Dead letters keep their enqueue time, so the other queues' periods must be well below. */
  deadLetterRetentionSeconds: 14 * 86_400,
  /** Age at which the expiry guard archives dead letters: two days before SQS deletes them. */
  archiveAfterSeconds: 12 * 86_400,
  idempotencyExpirySeconds: 86_400,
  /**
   * Age at which an upload with neither a result nor a report is queued again. A notification takes seconds, all
   * attempts under the default recipe take an hour, and a backlog of an hour has its own alarm. If it takes longer,
   * one more message does no harm.
   */
  reconcileAfterSeconds: 3600,
  /** How long redrive records and archived dead letters are kept. Failure reports do not expire. */
  ownObjectDays: 21,
} as const;

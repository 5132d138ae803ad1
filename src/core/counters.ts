/** Namespace of Millrace's metrics. The dimension `service` is the function's name. */
export const METRICS_NAMESPACE = 'Millrace';

/** Published by the expiry guard each time it has read the dead-letter queue. */
export const GUARD_METRICS = {
  /** Age of the oldest dead letter left in the queue; 0 if there is none. */
  oldest: 'OldestDeadLetterSeconds',
  /** Dead letters that it moved to the failure bucket. */
  archived: 'Archived',
} as const;

/** Metrics of the reconciler, for each of its invocations. */
export const RECONCILE_METRICS = {
  /** Uploads that had neither a result nor a failure report. */
  queued: 'QueuedByReconciliation',
} as const;

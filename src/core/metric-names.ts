/** Namespace of Millrace's metrics. The dimension `service` is the function's name. */
export const METRICS_NAMESPACE = 'Millrace';

/** The worker's counters of objects and messages, by outcome. */
export type WorkerCounter =
  | 'Converted'
  | 'Current'
  | 'Gone'
  | 'Ignored'
  | 'Rejected'
  | 'Retried'
  | 'Deferred'
  | 'NotBegun'
  | 'Forwarded'
  | 'Failed';

/** The worker's counters of bytes: of sources read, and of results stored. */
export type ByteCounter = 'BytesIn' | 'BytesOut';

/** Rejections again, with the dimension `code`. */
export const REJECTED_BY_CODE = 'RejectedByCode';

/** The worker's phases for an object: check the results, open and read the source, convert it, store the results. */
export const PHASE_METRICS = {
  check: 'CheckMilliseconds',
  open: 'OpenMilliseconds',
  read: 'ReadMilliseconds',
  convert: 'ConvertMilliseconds',
  store: 'StoreMilliseconds',
} as const;
export type Phase = keyof typeof PHASE_METRICS;

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

/**
 * The environment variables of the worker and the API, each name written once: the deployment and the local pipeline
 * set them, `src/worker/config.ts` and `src/api/config.ts` read them.
 */
export const ENV = {
  /** Comma-separated names of the upload buckets. */
  uploadBuckets: 'MILLRACE_UPLOAD_BUCKETS',
  resultBucket: 'MILLRACE_RESULT_BUCKET',
  failureBucket: 'MILLRACE_FAILURE_BUCKET',
  retryQueueUrl: 'MILLRACE_RETRY_QUEUE_URL',
  retryQueueArn: 'MILLRACE_RETRY_QUEUE_ARN',
  conversionQueueUrl: 'MILLRACE_CONVERSION_QUEUE_URL',
  deadLetterQueueUrl: 'MILLRACE_DEAD_LETTER_QUEUE_URL',
  /** Optional. The table avoids the cost of duplicates that arrive during a conversion. */
  idempotencyTable: 'MILLRACE_IDEMPOTENCY_TABLE',
  /** The recipe as JSON text. */
  recipe: 'MILLRACE_RECIPE',
  /** Worker: path of the configuration file or its bundle, with the code of its conversions. */
  config: 'MILLRACE_CONFIG',
  /** Position of the recipe in the order of all deployed recipes: a positive integer. */
  generation: 'MILLRACE_GENERATION',
  /** Receives after which the retry queue's redrive policy removes a message. */
  maxAttempts: 'MILLRACE_MAX_ATTEMPTS',
  /** Concurrent conversions per process. */
  conversions: 'MILLRACE_CONVERSIONS',
  /** API: name of the alarm on dead letters. */
  deadLetterAlarm: 'MILLRACE_DEAD_LETTER_ALARM',
  /** API: name of the worker's function, which identifies its metrics. */
  workerFunction: 'MILLRACE_WORKER_FUNCTION',
  /** API: name of the function that runs redrives. */
  redriveFunction: 'MILLRACE_REDRIVE_FUNCTION',
} as const;

/**
 * The largest values that a redrive accepts, from the command, the API and the page alike.
 *
 * The rate is what SQS allows a move task, which moves the whole queue. Other redrives are run by our own loop, which
 * with a rate moves ten messages at a time and would hardly be faster. Without a rate, it is not limited.
 * (docs/adr/0027)
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
 */
export const REDRIVE_LIMITS = {
  /** Messages moved before the others. */
  canary: 1000,
  /** Messages per second. */
  rate: 500,
} as const;

/**
 * Models of S3 and SQS without HTTP, processes or a disk. The caller provides their clock and their random source. A
 * simulation runs them in virtual time, and replays a run from its seed.
 */
export { MACHINE, type Clock, type Machine } from './clock.ts';
export { noJournal, type Journal } from './journal.ts';
export { seededRandom, type Random } from './random.ts';
export { newest, type Bucket } from './s3/bucket.ts';
export type { WriteConditions } from './s3/conditions.ts';
export { listObjects } from './s3/listing.ts';
export { createS3Model, type S3Model } from './s3/model.ts';
export type { Version } from './s3/version.ts';
export type { Message, MessageAttribute } from './sqs/message.ts';
export { createSqsModel, type SqsModel } from './sqs/model.ts';
export type { QueueState } from './sqs/queue.ts';

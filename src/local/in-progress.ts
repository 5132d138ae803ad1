import type { LocalAws } from '@millrace/local-aws';
import { newest, type QueueState } from '@millrace/local-aws/models';
import type { ObjectRef } from '../core/object-ref.ts';
import type { LocalDeployment } from '../core/deployment.ts';
import { objectsOf } from '../ops/dead-letters/reason.ts';
import type { InProgress } from '../ops/queue-pending.ts';

/**
 * Reads all messages, and returns which pending uploads they are about. On this machine, nothing is in flight outside
 * the queues, so every other upload needs a message, however recent it is. Uploads stored after the call send their
 * own notification.
 */
export function findInProgress(
  { s3, sqs, clock }: Pick<LocalAws, 's3' | 'sqs' | 'clock'>,
  { conversionQueueUrl, retryQueueUrl, deadLetterQueueUrl }: LocalDeployment,
): InProgress {
  const queueOf = (url: string) => sqs.queue(url.split('/').at(-1) ?? '');
  const queued = namesIn([queueOf(conversionQueueUrl), queueOf(retryQueueUrl)]);
  const dead = namesIn([queueOf(deadLetterQueueUrl)]);
  const now = clock.now();
  return (upload) => {
    const stored = newest(s3.bucket(upload.bucket), upload.key);
    if (stored === undefined || stored.lastModified > now) return true;
    // The last attempt killed its process. Its report counts as a failure once no attempt can run anymore.
    if (upload.attempting && dead.has(nameOf(upload))) return true;
    return queued.has(nameOf(upload));
  };
}

function namesIn(queues: readonly QueueState[]): Set<string> {
  const messages = queues.flatMap((queue) => [...queue.all()]);
  return new Set(messages.flatMap(({ body }) => objectsOf({ Body: body }).map(nameOf)));
}

function nameOf({ bucket, key }: Pick<ObjectRef, 'bucket' | 'key'>): string {
  return `${bucket}/${key}`;
}

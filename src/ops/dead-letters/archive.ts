import { PutObjectCommand, S3ServiceException } from '@aws-sdk/client-s3';
import type { DeadLetterContext } from '../context.ts';
import { ARCHIVE_PREFIX } from '../../core/own-objects.ts';
import { copyOf, type DeadLetterCopy } from './copy.ts';
import { retentionOf } from './groups.ts';
import { takeDeadLetters, type Taken } from './take.ts';

/**
 * Moves dead letters of a certain age from their queue, which would drop them soon, into the failure bucket.
 * `redrive --archived` sends them from there.
 */
export async function archiveDeadLetters(ops: DeadLetterContext, olderThanSeconds: number): Promise<Taken> {
  const retention = await retentionOf(ops);
  return takeDeadLetters(ops, {
    filter: { until: new Date(Date.now() - olderThanSeconds * 1000) },
    lanes: 1,
    async settle(letters) {
      await Promise.all(letters.map((letter) => store(ops, copyOf(letter, retention))));
      return new Set(letters.map(({ id }) => id));
    },
  });
}

export function archiveKeyOf(id: string): string {
  return `${ARCHIVE_PREFIX}${id}.json`;
}

async function store({ s3, deployment }: DeadLetterContext, copy: DeadLetterCopy): Promise<void> {
  try {
    await s3.send(
      new PutObjectCommand({
        Bucket: deployment.failureBucket,
        Key: archiveKeyOf(copy.id),
        Body: JSON.stringify(copy, undefined, 2),
        ContentType: 'application/json',
        IfNoneMatch: '*',
      }),
    );
  } catch (error) {
    // An earlier run stored it, and died before it could delete the message.
    if (!(error instanceof S3ServiceException) || error.$metadata.httpStatusCode !== 412) throw error;
  }
}

import { putIf, statusOf } from '../../core/compare-and-set.ts';
import { defined } from '../../core/defined.ts';
import type { DeadLetterContext } from '../context.ts';
import { ARCHIVE_PREFIX } from '../../core/own-objects.ts';
import { copyOf, type DeadLetterCopy } from './copy.ts';
import { retentionOf } from './groups.ts';
import { takeDeadLetters, type Taken } from './take.ts';

export interface Archived extends Taken {
  /** When the oldest of those that were left in the queue was sent; undefined when none was left. */
  oldestLeft?: Date;
}

/**
 * Moves dead letters of a certain age from their queue, which would drop them soon, into the failure bucket.
 * `redrive --archived` sends them from there.
 * @param now milliseconds since 1970, from which the age counts
 */
export async function archiveDeadLetters(
  ops: DeadLetterContext,
  olderThanSeconds: number,
  now = Date.now(),
): Promise<Archived> {
  const retention = await retentionOf(ops);
  const until = new Date(now - olderThanSeconds * 1000);
  let oldestLeft: Date | undefined;
  const taken = await takeDeadLetters(ops, {
    filter: {},
    lanes: 1,
    except({ sentAt }) {
      if (sentAt <= until) return false;
      if (oldestLeft === undefined || sentAt < oldestLeft) oldestLeft = sentAt;
      return true;
    },
    async settle(letters) {
      await Promise.all(letters.map((letter) => store(ops, copyOf(letter, retention))));
      return new Set(letters.map(({ id }) => id));
    },
  });
  return { ...taken, ...defined({ oldestLeft }) };
}

export function archiveKeyOf(id: string): string {
  return `${ARCHIVE_PREFIX}${id}.json`;
}

async function store({ s3, deployment }: DeadLetterContext, copy: DeadLetterCopy): Promise<void> {
  const { lost } = await putIf(s3, 'absent', {
    Bucket: deployment.failureBucket,
    Key: archiveKeyOf(copy.id),
    Body: JSON.stringify(copy, undefined, 2),
    ContentType: 'application/json',
  });
  // 412: an earlier run stored it, and died before it could delete the message.
  if (lost !== undefined && statusOf(lost) !== 412) throw lost;
}

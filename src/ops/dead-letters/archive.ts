import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { putIf, statusOf } from '../../core/compare-and-set.ts';
import { defined } from '../../core/defined.ts';
import type { DeadLetterContext } from '../context.ts';
import { ARCHIVE_PREFIX } from '../../core/reserved-prefixes.ts';
import { copyOf, InvalidCopy, parseCopy, type DeadLetterCopy } from './copy.ts';
import { retentionOf } from './groups.ts';
import { takeDeadLetters, type Taken } from './take.ts';

const READS_AT_ONCE = 10;

type ArchiveContext = Pick<DeadLetterContext, 's3' | 'deployment'>;

export interface Archived extends Taken {
  /** When the oldest message left in the queue was sent; undefined if none is left. */
  oldestLeft?: Date;
}

/**
 * Moves dead letters that SQS would soon delete from their queue into the failure bucket.
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
    pollers: 1,
    except({ sentAt }) {
      if (sentAt <= until) return false;
      if (oldestLeft === undefined || sentAt < oldestLeft) oldestLeft = sentAt;
      return true;
    },
    async handle(letters) {
      await Promise.all(letters.map((letter) => store(ops, copyOf(letter, retention))));
      return new Set(letters.map(({ id }) => id));
    },
  });
  return { ...taken, ...defined({ oldestLeft }) };
}

/** Lists the archived dead letters, in no particular order. */
export async function* listArchive({ s3, deployment }: ArchiveContext): AsyncGenerator<DeadLetterCopy> {
  const Bucket = deployment.failureBucket;
  for await (const { Contents = [] } of paginateListObjectsV2(
    { client: s3 },
    { Bucket, Prefix: ARCHIVE_PREFIX },
  )) {
    for (let begin = 0; begin < Contents.length; begin += READS_AT_ONCE) {
      const some = Contents.slice(begin, begin + READS_AT_ONCE);
      const copies = await Promise.all(some.map(({ Key = '' }) => readIfCopy(s3, Bucket, Key)));
      yield* copies.flatMap((copy) => copy ?? []);
    }
  }
}

/** Returns undefined if another process has just sent the message, or for the report of an upload with such a key. */
async function readIfCopy(s3: S3Client, Bucket: string, Key: string): Promise<DeadLetterCopy | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    return parseCopy((await Body?.transformToString()) ?? '', 1);
  } catch (error) {
    if (error instanceof NoSuchKey || error instanceof InvalidCopy) return undefined;
    throw error;
  }
}

/** Deletes a dead letter from the archive. */
export async function deleteArchived({ s3, deployment }: ArchiveContext, id: string): Promise<void> {
  await s3.send(new DeleteObjectCommand({ Bucket: deployment.failureBucket, Key: archiveKeyOf(id) }));
}

async function store({ s3, deployment }: DeadLetterContext, copy: DeadLetterCopy): Promise<void> {
  const { lost } = await putIf(s3, 'absent', {
    Bucket: deployment.failureBucket,
    Key: archiveKeyOf(copy.id),
    Body: JSON.stringify(copy, undefined, 2),
    ContentType: 'application/json',
  });
  // 412: an earlier run stored the copy and died before it could delete the message.
  if (lost !== undefined && statusOf(lost) !== 412) throw lost;
}

function archiveKeyOf(id: string): string {
  return `${ARCHIVE_PREFIX}${id}.json`;
}

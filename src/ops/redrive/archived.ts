import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { OpsContext } from '../context.ts';
import { archiveKeyOf } from '../dead-letters/archive.ts';
import { InvalidCopy, parseCopy, type DeadLetterCopy } from '../dead-letters/copy.ts';
import { matches, type Filter } from '../dead-letters/filter.ts';
import { ARCHIVE_PREFIX } from '../../core/own-objects.ts';
import { sendCopies, type Source } from './source.ts';

const READS_AT_ONCE = 10;

/** The dead letters in the archive, in no order. */
export async function* listArchive({ s3, deployment }: OpsContext): AsyncGenerator<DeadLetterCopy> {
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

/** Undefined for what somebody else has just sent, or for the report of a failed upload that has such a key. */
async function readIfCopy(s3: S3Client, Bucket: string, Key: string): Promise<DeadLetterCopy | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    return parseCopy((await Body?.transformToString()) ?? '', 1);
  } catch (error) {
    if (error instanceof NoSuchKey || error instanceof InvalidCopy) return undefined;
    throw error;
  }
}

/** Dead letters that the expiry guard has taken out of the queue; each leaves the archive once it was sent. */
export function fromArchive(ops: OpsContext, filter: Filter): Source {
  return {
    async move(move) {
      let left = move.limit ?? Number.POSITIVE_INFINITY;
      for await (const copy of listArchive(ops)) {
        if (left <= 0 || move.stop.aborted) return;
        if (!matches({ ...copy, sentAt: new Date(copy.sentAt), objects: copy.objects }, filter)) continue;
        await move.pace?.before(1);
        const sent = await sendCopies(ops, [copy], move);
        for (const id of sent) {
          left -= 1;
          await ops.s3.send(
            new DeleteObjectCommand({ Bucket: ops.deployment.failureBucket, Key: archiveKeyOf(id) }),
          );
        }
      }
    },
  };
}

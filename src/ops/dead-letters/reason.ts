import type { Message } from '@aws-sdk/client-sqs';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Code } from '../../core/code-names.ts';
import { CODES } from '../../core/codes.ts';
import { DEAD_LETTER_ATTRIBUTES } from '../../core/dead-letter.ts';
import { Rejected } from '../../core/errors.ts';
import type { FailureReport } from '../../core/failure-report.ts';
import { failureKey } from '../../core/keys.ts';
import { parseNotification } from '../../core/notification.ts';
import type { ObjectRef } from '../../core/object-ref.ts';
import { readReport, type PipelineBuckets } from '../object-status.ts';

/** Why a message is in the dead-letter queue. */
export interface Reason {
  code: string;
  message: string;
  attempts: number;
}

/** Returns the objects that a message names; none if it is not a notification. */
export function objectsOf(message: Pick<Message, 'Body'>): ObjectRef[] {
  return read(message.Body).objects;
}

function read(body = ''): { objects: ObjectRef[]; error?: Rejected } {
  try {
    const notification = parseNotification(body);
    return { objects: notification.kind === 'objects' ? notification.objects : [] };
  } catch (error) {
    if (error instanceof Rejected) return { objects: [], error };
    throw error;
  }
}

/**
 * Returns the reason for one object of a dead letter, or for a dead letter that names none. The worker writes the
 * reason into the attributes. If SQS moved the message, the reason is in the report of the last attempt. Without a
 * report, no attempt ever began, or an attempt at another upload of the key replaced the report.
 * The message must have been received with its attributes and `DeadLetterQueueSourceArn`.
 */
export async function reasonFor(
  message: Message,
  object: ObjectRef | undefined,
  s3: S3Client,
  buckets: Pick<PipelineBuckets, 'uploadBuckets' | 'failureBucket'>,
): Promise<Reason> {
  const movedBySqs = message.Attributes?.DeadLetterQueueSourceArn !== undefined;
  const attribute = (name: string) => message.MessageAttributes?.[name]?.StringValue;
  const code = attribute(DEAD_LETTER_ATTRIBUTES.code);
  if (!movedBySqs && code !== undefined) {
    return {
      code,
      message: attribute(DEAD_LETTER_ATTRIBUTES.message) ?? '',
      attempts: Number(attribute(DEAD_LETTER_ATTRIBUTES.attempts)),
    };
  }
  const { error } = read(message.Body);
  if (error !== undefined) return { code: error.code, message: error.message, attempts: 0 };
  const report =
    object === undefined || !buckets.uploadBuckets.includes(object.bucket)
      ? undefined
      : await readReport(s3, buckets.failureBucket, failureKey(object, buckets));
  if (report !== undefined && isAbout(report, message, object)) return reasonIn(report);
  const never: Code = 'attempt.never_began';
  return { code: never, message: CODES[never].summary, attempts: 0 };
}

/** Returns the reason that a failure report gives. */
export function reasonIn({ code, message, attempt }: FailureReport): Reason {
  return { code, message, attempts: attempt };
}

/**
 * Reports are found by key: another upload's report is about this message only if it is from this message's attempt.
 * A message without a version, as from an unversioned bucket or a backfill, is about the current upload.
 */
function isAbout(report: FailureReport, { MessageId }: Message, object: ObjectRef | undefined): boolean {
  const version = object?.versionId;
  const isOfUpload = version === undefined || version === report.source.versionId;
  return isOfUpload || report.messageId === MessageId;
}

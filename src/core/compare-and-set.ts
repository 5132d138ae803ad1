import {
  DeleteObjectCommand,
  PutObjectCommand,
  S3ServiceException,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';

/** What a conditional write expects under the key: the ETag that was read, or no object. */
export type Expected = { etag: string } | 'absent';

/** The new object's ETag, or S3's refusal because the key did not have the expected object. */
export type Put = { etag: string; lost?: never } | { etag?: never; lost: S3ServiceException };

/**
 * Stores an object if the key still holds what is expected.
 * @throws the SDK's error for every other refusal, and when S3 cannot be reached
 */
export async function putIf(s3: S3Client, expected: Expected, object: PutObjectCommandInput): Promise<Put> {
  const condition = expected === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: expected.etag };
  try {
    const { ETag: etag = '' } = await s3.send(new PutObjectCommand({ ...object, ...condition }));
    return { etag };
  } catch (error) {
    if (isLostCondition(error)) return { lost: error };
    throw error;
  }
}

/**
 * Deletes an object if it still has this ETag.
 * @returns whether it is gone: deleted by this call, by an earlier try whose answer was lost, or by somebody else.
 * False if something else is under the key, or is being written.
 * @throws the SDK's error for every other refusal, and when S3 cannot be reached
 */
export async function deleteIf(s3: S3Client, etag: string, Bucket: string, Key: string): Promise<boolean> {
  try {
    await s3.send(new DeleteObjectCommand({ Bucket, Key, IfMatch: etag }));
    return true;
  } catch (error) {
    if (isLostCondition(error)) return statusOf(error) === 404;
    throw error;
  }
}

/** Returns the status of S3's response, or undefined for an error that is not a response. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

/**
 * 412: the key holds something else. 409: another write of the key was under way. 404: what `If-Match` named is gone.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
 */
function isLostCondition(error: unknown): error is S3ServiceException {
  if (!(error instanceof S3ServiceException)) return false;
  const status = statusOf(error);
  return status === 412 || status === 409 || (status === 404 && error.name !== 'NoSuchBucket');
}

import type { Bucket } from '../bucket.ts';
import type { WriteConditions } from '../conditions.ts';
import { assemble, idOfParts, type Completion, type MultipartUpload } from '../multipart.ts';
import type { Version } from '../version.ts';
import type { CompletedUpload, PendingWrite, S3State } from './state.ts';
import { checkOpen, dropUpload } from './uploads.ts';
import { commitWrite } from './writes.ts';

const MOST_REMEMBERED = 1000;

/** Makes an object from an upload's parts, without copying them. */
export function completeUpload(
  state: S3State,
  upload: MultipartUpload,
  completion: Completion,
  write: PendingWrite,
  conditions: WriteConditions,
): Version {
  checkOpen(state, upload);
  const { headers, metadata } = upload;
  const content = assemble(upload, completion);
  const event = 'ObjectCreated:CompleteMultipartUpload';
  const version = commitWrite(state, write, { ...content, headers, metadata, event }, conditions);
  const used = new Set(content.segments);
  dropUpload(state, upload, (segment) => !used.has(segment));
  remember(state, upload, completion, version);
  return version;
}

function remember(
  { completed }: S3State,
  { id, bucket }: MultipartUpload,
  { parts }: Completion,
  { key, etag, versionId }: Version,
): void {
  completed.set(id, { bucket, key, parts: idOfParts(parts), etag, versionId });
  const [oldest] = completed.keys();
  if (completed.size > MOST_REMEMBERED && oldest !== undefined) completed.delete(oldest);
}

/**
 * Returns what an upload became, if it was completed with the same parts. S3 accepts such a request again, because
 * clients repeat it when its response is lost.
 */
export function completedUpload(
  { completed }: S3State,
  bucket: Bucket,
  key: string,
  id: string,
  { parts }: Completion,
): CompletedUpload | undefined {
  const upload = completed.get(id);
  const isSame = upload?.bucket === bucket.name && upload.key === key && upload.parts === idOfParts(parts);
  return isSame ? upload : undefined;
}

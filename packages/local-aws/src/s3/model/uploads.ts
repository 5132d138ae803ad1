import { AwsError } from '../../aws-error.ts';
import type { Bucket } from '../bucket.ts';
import type { MultipartUpload, Part } from '../multipart.ts';
import type { Content, Descriptive, Segment } from '../version.ts';
import { partKey, uploadKey, type StoredUpload } from './journal-keys.ts';
import { newId, storedAt, type S3State } from './state.ts';

export function createUpload(
  state: S3State,
  bucket: Bucket,
  key: string,
  descriptive: Descriptive,
): MultipartUpload {
  const stored: StoredUpload = {
    ...descriptive,
    id: newId(state),
    bucket: bucket.name,
    key,
    initiatedAt: state.clock.now(),
  };
  const upload = { ...stored, parts: new Map<number, Part>() };
  state.uploads.set(upload.id, upload);
  state.journal.put(uploadKey(upload), stored);
  return upload;
}

export function findUpload({ uploads }: S3State, bucket: Bucket, key: string, id: string): MultipartUpload {
  const upload = uploads.get(id);
  if (upload !== undefined && upload.bucket === bucket.name && upload.key === key) return upload;
  throw new AwsError(
    'NoSuchUpload',
    404,
    'The specified multipart upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    { UploadId: id },
  );
}

export function uploadsOf({ uploads }: S3State, { name }: Bucket): MultipartUpload[] {
  return [...uploads.values()].filter(({ bucket }) => bucket === name);
}

/** Stores a part. It replaces an earlier part with the same number. */
export function putPart(state: S3State, upload: MultipartUpload, number: number, content: Content): Part {
  checkOpen(state, upload);
  const replaced = upload.parts.get(number);
  const part: Part = { ...content, number, lastModified: storedAt(state) };
  upload.parts.set(number, part);
  state.journal.put(partKey(upload, number), part);
  if (replaced !== undefined) state.release(replaced.segments);
  return part;
}

/**
 * Checks that an upload was not completed or aborted while a request's body arrived.
 * @throws AwsError NoSuchUpload
 */
export function checkOpen({ uploads }: S3State, upload: MultipartUpload): void {
  if (uploads.get(upload.id) === upload) return;
  throw new AwsError('NoSuchUpload', 404, 'The specified multipart upload does not exist.', {
    UploadId: upload.id,
  });
}

export function abortUpload(state: S3State, upload: MultipartUpload): void {
  dropUpload(state, upload, () => true);
}

/** Removes an upload, and releases its unused contents. */
export function dropUpload(
  { uploads, journal, release }: S3State,
  upload: MultipartUpload,
  isUnused: (segment: Segment) => boolean,
): void {
  uploads.delete(upload.id);
  journal.del(uploadKey(upload));
  for (const { number, segments } of upload.parts.values()) {
    journal.del(partKey(upload, number));
    release(segments.filter(isUnused));
  }
}

import type { WriteConditions } from '../conditions.ts';
import { assemble, type Completion, type MultipartUpload } from '../multipart.ts';
import type { Version } from '../version.ts';
import type { PendingWrite, S3State } from './state.ts';
import { checkOpen, dropUpload } from './uploads.ts';
import { commitWrite } from './writes.ts';

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
  return version;
}

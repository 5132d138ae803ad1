import type { BatchCounts, BatchObjects } from '../../api/routes/batches.ts';
import type { SignedParts, StartedMultipart } from '../../api/routes/multipart.ts';
import type { UploadAnswer } from '../../api/routes/uploads.ts';
import { call } from '../shared/call.ts';

export interface FileToSign {
  name: string;
  type: string;
  size: number;
}

const at = encodeURIComponent;

export const api = {
  sign: (files: FileToSign[], batch: string | undefined) =>
    call<UploadAnswer>('POST', '/uploads', batch === undefined ? { files } : { batch, files }),
  counts: (batch: string) => call<BatchCounts>('GET', `/batches/${at(batch)}`),
  objects(batch: string, query: Record<string, string>) {
    return call<BatchObjects>('GET', `/batches/${at(batch)}/objects?${new URLSearchParams(query)}`);
  },
  begin: (file: FileToSign, batch: string) =>
    call<StartedMultipart>('POST', '/multipart', { ...file, batch }),
  signParts: (uploadId: string, key: string, partNumbers: number[]) =>
    call<SignedParts>('POST', `/multipart/${at(uploadId)}/parts`, { key, partNumbers }),
  complete: (uploadId: string, key: string, parts: { partNumber: number; etag: string }[]) =>
    call('POST', `/multipart/${at(uploadId)}/complete`, { key, parts }),
};

import type { BatchCounts, AnswerOf, UploadAnswer } from '../../contract/types.ts';
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
    return call<AnswerOf<'listBatch'>>('GET', `/batches/${at(batch)}/objects?${new URLSearchParams(query)}`);
  },
  begin: (file: FileToSign, batch: string) =>
    call<AnswerOf<'createMultipart'>>('POST', '/multipart', { ...file, batch }),
  signParts: (uploadId: string, key: string, partNumbers: number[]) =>
    call<AnswerOf<'signParts'>>('POST', `/multipart/${at(uploadId)}/parts`, { key, partNumbers }),
  complete: (uploadId: string, key: string, parts: { partNumber: number; etag: string }[]) =>
    call('POST', `/multipart/${at(uploadId)}/complete`, { key, parts }),
};

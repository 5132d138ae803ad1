/** The module `millrace/client`: a client of the HTTP API, for browsers and Node. */
export { ApiError } from './api-error.ts';
export { followBatch, listBatchObjects, sizesInBatch } from './batch.ts';
export { createClient, type Client, type ClientOptions } from './client.ts';
export { NoResponseError } from './no-response.ts';
export type { Source, Upload } from './source.ts';
export {
  sendWithFetch,
  StorageError,
  type SendToStorage,
  type Transfer,
  type Transferred,
} from './transfer.ts';
export { createUploader, type Uploader, type UploaderOptions } from './uploader.ts';
export { LIMITS } from '../contract/limits.ts';
export type { OperationId } from '../contract/routes.ts';
export type { AnswerOf, BatchCounts, BatchObject, RequestOf } from '../contract/types.ts';

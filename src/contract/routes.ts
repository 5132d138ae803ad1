import { OPERATIONS_PATH } from '../core/routes.ts';

/** All routes of the HTTP API, by operation id. Without schemas, so that browsers need not load zod. */
export const ROUTES = {
  createUploads: { method: 'post', path: '/uploads' },
  createMultipart: { method: 'post', path: '/multipart' },
  signParts: { method: 'post', path: '/multipart/{uploadId}/parts' },
  completeMultipart: { method: 'post', path: '/multipart/{uploadId}/complete' },
  abortMultipart: { method: 'delete', path: '/multipart/{uploadId}' },
  getObject: { method: 'get', path: '/objects/{key}' },
  getBatch: { method: 'get', path: '/batches/{batch}' },
  listBatch: { method: 'get', path: '/batches/{batch}/objects' },
  getResult: { method: 'get', path: '/results/{key}' },
  getOperationsSummary: { method: 'get', path: `${OPERATIONS_PATH}/summary` },
  groupDeadLetters: { method: 'get', path: `${OPERATIONS_PATH}/dead-letters` },
  listDeadLetters: { method: 'get', path: `${OPERATIONS_PATH}/dead-letters/list` },
  exportDeadLetters: { method: 'get', path: `${OPERATIONS_PATH}/dead-letters/export` },
  getDeadLetter: { method: 'get', path: `${OPERATIONS_PATH}/dead-letters/{id}` },
  previewSource: { method: 'get', path: `${OPERATIONS_PATH}/preview` },
  createRedrive: { method: 'post', path: `${OPERATIONS_PATH}/redrives` },
  listRedrives: { method: 'get', path: `${OPERATIONS_PATH}/redrives` },
  getRedrive: { method: 'get', path: `${OPERATIONS_PATH}/redrives/{id}` },
  cancelRedrive: { method: 'post', path: `${OPERATIONS_PATH}/redrives/{id}/cancel` },
  purgeDeadLetters: { method: 'post', path: `${OPERATIONS_PATH}/purges` },
} as const;

export type OperationId = keyof typeof ROUTES;

/** A header of `exportDeadLetters`: whether the export contains all requested dead letters. */
export const COMPLETE_HEADER = 'millrace-complete';

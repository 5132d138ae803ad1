import { OPERATIONS_PATH } from '../core/routes.ts';

/** Every route of the HTTP interface, by its operation id. No schemas, so that browsers load them without zod. */
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

/** A header of `exportDeadLetters`: whether the export holds every dead letter that was asked for. */
export const COMPLETE_HEADER = 'millrace-complete';

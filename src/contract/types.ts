import type * as z from 'zod';
import type { getBatch, listBatch } from './batches.ts';
import type { exportDeadLetters, getDeadLetter, groupDeadLetters, listDeadLetters } from './dead-letters.ts';
import type { abortMultipart, completeMultipart, createMultipart, signParts } from './multipart.ts';
import type { getObject } from './objects.ts';
import type { previewSource } from './preview.ts';
import type { problemSchema } from './problems.ts';
import type { purgeDeadLetters } from './purges.ts';
import type { cancelRedrive, createRedrive, getRedrive, listRedrives } from './redrives.ts';
import type { getResult } from './results.ts';
import type { OperationId } from './routes.ts';
import type { getOperationsSummary } from './summary.ts';
import type { createUploads } from './uploads.ts';

/** What every route takes and answers, as types. Nothing here runs, so browsers load no schemas for it. */

interface Descriptions {
  createUploads: ReturnType<typeof createUploads>;
  createMultipart: ReturnType<typeof createMultipart>;
  signParts: typeof signParts;
  completeMultipart: typeof completeMultipart;
  abortMultipart: typeof abortMultipart;
  getObject: ReturnType<typeof getObject>;
  getBatch: typeof getBatch;
  listBatch: typeof listBatch;
  getResult: typeof getResult;
  getOperationsSummary: typeof getOperationsSummary;
  groupDeadLetters: typeof groupDeadLetters;
  listDeadLetters: typeof listDeadLetters;
  exportDeadLetters: typeof exportDeadLetters;
  getDeadLetter: typeof getDeadLetter;
  previewSource: ReturnType<typeof previewSource>;
  createRedrive: typeof createRedrive;
  listRedrives: typeof listRedrives;
  getRedrive: typeof getRedrive;
  cancelRedrive: typeof cancelRedrive;
  purgeDeadLetters: typeof purgeDeadLetters;
}

type Input<Request, Part extends string> =
  Request extends Record<Part, infer Schema extends z.ZodType> ? z.input<Schema> : unknown;
interface Json<Schema> {
  content: { 'application/json': { schema: Schema } };
}
type Body<Request> = Request extends { body: Json<infer Schema extends z.ZodType> }
  ? z.input<Schema>
  : unknown;
type RequestPart<Description> = Description extends { request: infer Request } ? Request : unknown;
type Answers<Responses> = {
  [Status in keyof Responses]: Responses[Status] extends Json<infer Schema extends z.ZodType>
    ? z.output<Schema>
    : never;
}[keyof Responses];

/** What an operation takes: the parameters of its path, its query, and the fields of its body. */
export type RequestOf<Id extends OperationId> = Input<RequestPart<Descriptions[Id]>, 'params'> &
  Input<RequestPart<Descriptions[Id]>, 'query'> &
  Body<RequestPart<Descriptions[Id]>>;

/** The JSON that an operation answers when it succeeds; `never` where it answers none. */
export type AnswerOf<Id extends OperationId> = Answers<Descriptions[Id]['responses']>;

export type Problem = z.infer<typeof problemSchema>;
export type UploadAnswer = AnswerOf<'createUploads'>;
export type BatchCounts = AnswerOf<'getBatch'>;
export type BatchObject = AnswerOf<'listBatch'>['objects'][number];
export type Summary = AnswerOf<'getOperationsSummary'>;
export type DeadLetterFilter = RequestOf<'groupDeadLetters'>;
export type DeadLetterGroups = AnswerOf<'groupDeadLetters'>;
export type DeadLetterGroup = DeadLetterGroups['groups'][number];
export type DeadLetter = AnswerOf<'listDeadLetters'>['letters'][number];
export type DeadLetterInFull = AnswerOf<'getDeadLetter'>;
export type Redrive = AnswerOf<'getRedrive'>;
export type Redrives = AnswerOf<'listRedrives'>;
export type RedriveRequest = RequestOf<'createRedrive'>;

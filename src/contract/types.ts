import type * as z from 'zod';
import type { describeRoutes } from './contract.ts';
import type { problemSchema } from './problems.ts';
import type { OperationId } from './routes.ts';

/** What every route takes and answers, as types. Nothing here runs, so browsers load no schemas for it. */

type Descriptions = ReturnType<typeof describeRoutes>;
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

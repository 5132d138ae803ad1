import type * as z from 'zod';
import type { describeRoutes } from './contract.ts';
import type { problemSchema } from './problems.ts';
import type { OperationId } from './routes.ts';

/** The types of all routes' requests and responses. Only types, so that browsers load no schemas. */

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

/** An operation's input: its path's parameters, its query, and its body's fields. */
export type RequestOf<Id extends OperationId> = Input<RequestPart<Descriptions[Id]>, 'params'> &
  Input<RequestPart<Descriptions[Id]>, 'query'> &
  Body<RequestPart<Descriptions[Id]>>;

/** The JSON that an operation returns if it succeeds; `never` if it returns none. */
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

import type * as z from 'zod';
import { problemSchema } from './problems.ts';
import { ROUTES, type OperationId } from './routes.ts';

/** Starts a route's description: its method, path and operation id. */
export function route<Id extends OperationId>(operationId: Id) {
  return { ...ROUTES[operationId], operationId };
}

/** Describes a JSON body or response. */
export function json<T extends z.ZodType>(schema: T) {
  return { content: { 'application/json': { schema } } };
}

/** Describes the problems that a route may return, by status. */
export function problemResponses(...statuses: number[]) {
  const answer = (description: string) => ({
    description,
    content: { 'application/problem+json': { schema: problemSchema } },
  });
  return Object.fromEntries(statuses.map((status) => [status, answer(DESCRIPTIONS[status] ?? 'It failed')]));
}

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  400: 'The request is invalid; `errors` names every mistake',
  404: 'Not found',
  409: 'It is not in a state to do this',
  413: 'The request is too large',
  415: 'The body is not said to be `application/json`',
  502: 'S3 or another service failed',
};

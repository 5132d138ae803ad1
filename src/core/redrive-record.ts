import * as z from 'zod';
import { filterSchema } from './dead-letter-filter.ts';

/** The record of a redrive: who moved what, why, and the result. Others read it to follow or cancel the redrive. */
export const redriveRecordSchema = z.object({
  version: z.literal(1),
  id: z.string(),
  /** `handed over`: SQS moves the messages itself, in a move task. */
  state: z.enum(['running', 'done', 'stopped', 'cancelled', 'interrupted', 'failed', 'handed over']),
  /** Why it stopped. */
  reason: z.string().optional(),
  who: z.string(),
  why: z.string(),
  /** The request as text for people. */
  what: z.string(),
  /** ISO 8601. */
  startedAt: z.string(),
  updatedAt: z.string(),
  cancelRequested: z.boolean(),
  counts: z.object({
    moved: z.int(),
    converted: z.int(),
    failedAgain: z.int(),
    gone: z.int(),
    pending: z.int(),
  }),
  /** The request of a redrive started through the API, for the process that runs it. */
  request: z
    .object({
      filter: z.object(filterSchema.shape),
      canary: z.int().optional(),
      rate: z.int().optional(),
      stopIfFailing: z.number(),
    })
    .optional(),
  /** How many runs have started. */
  runs: z.int().optional(),
  /** Unique id of the process that started the last run. */
  runner: z.string().optional(),
});

export type RedriveRecord = z.infer<typeof redriveRecordSchema>;
export type RedriveState = RedriveRecord['state'];

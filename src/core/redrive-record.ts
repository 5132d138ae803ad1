import * as z from 'zod';
import { filterSchema } from './dead-letter-filter.ts';

/** Who moved what, why, and what came of it: the audit of a redrive, and how others see and cancel it. */
export const redriveRecordSchema = z.object({
  version: z.literal(1),
  id: z.string(),
  /** `handed over`: SQS moves the messages by itself, in a move task. */
  state: z.enum(['running', 'done', 'stopped', 'cancelled', 'interrupted', 'failed', 'handed over']),
  /** Why it stopped. */
  reason: z.string().optional(),
  who: z.string(),
  why: z.string(),
  /** The request, in words a person can read. */
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
  /** What a redrive that was asked for by the interface is to do, for whoever runs it. */
  request: z
    .object({
      filter: z.object(filterSchema.shape),
      canary: z.int().optional(),
      rate: z.int().optional(),
      stopIfFailing: z.number(),
    })
    .optional(),
  /** Runs of it that were begun. */
  runs: z.int().optional(),
  /** Who has begun the last one: an id that nobody else has. */
  runner: z.string().optional(),
});

export type RedriveRecord = z.infer<typeof redriveRecordSchema>;
export type RedriveState = RedriveRecord['state'];

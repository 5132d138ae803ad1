import * as z from 'zod';
import { json, problemResponses, route } from './describe.ts';
import { count, time } from './fields.ts';

const waiting = z.object({ visible: count, inFlight: count, delayed: count });
export const summarySchema = z
  .object({
    deadLetters: count.describe('Visible messages in the dead-letter queue.'),
    queueName: z.string().describe('The name of the dead-letter queue. Type it to confirm a purge.'),
    retentionSeconds: count.describe('How long the dead-letter queue keeps a message.'),
    queues: z.object({ conversion: waiting, retry: waiting }).describe('Messages that are waiting.'),
    minutes: z
      .array(z.object({ at: time, converted: count, rejected: count, failed: count }))
      .describe(
        'The last sixty minutes, oldest first; `failed` counts messages that were returned to their queue.',
      ),
    alarm: z
      .enum(['ok', 'alarm', 'insufficient data'])
      .optional()
      .describe('State of the alarm on dead letters.'),
  })
  .meta({ id: 'OperationsSummary' });

export const getOperationsSummary = {
  ...route('getOperationsSummary'),
  summary: 'Summarizes the pipeline: waiting messages, recent outcomes, the alarm',
  responses: {
    200: { description: 'The numbers of SQS are approximate', ...json(summarySchema) },
    ...problemResponses(502),
  },
};

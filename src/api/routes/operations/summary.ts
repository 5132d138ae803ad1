import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { OPERATIONS_PATH } from '../../../core/routes.ts';
import { queueName } from '../../../ops/dead-letters/queue-name.ts';
import { queueState } from '../../../ops/dead-letters/queue-state.ts';
import type { ApiDeps } from '../../deps.ts';
import { summarySchema } from '../../operations-schemas.ts';
import { problemResponses } from '../../problem.ts';

export function summaryRoutes(app: OpenAPIHono, deps: ApiDeps): void {
  const { deadLetterQueueUrl, conversionQueueUrl, retryQueueUrl } = deps.deployment;
  app.openapi(
    createRoute({
      method: 'get',
      path: `${OPERATIONS_PATH}/summary`,
      operationId: 'getOperationsSummary',
      summary: 'How the pipeline does: what is waiting, what became of uploads, the alarm',
      responses: {
        200: {
          description: 'The numbers of SQS are approximate',
          content: { 'application/json': { schema: summarySchema } },
        },
        ...problemResponses(502),
      },
    }),
    async (context) => {
      const [dead, conversion, retry, minutes, alarm] = await Promise.all([
        queueState(deps, deadLetterQueueUrl),
        queueState(deps, conversionQueueUrl),
        queueState(deps, retryQueueUrl),
        deps.readMinutes(),
        deps.readAlarm(),
      ]);
      return context.json(
        {
          deadLetters: dead.visible,
          queueName: queueName(deadLetterQueueUrl),
          retentionSeconds: dead.retentionSeconds,
          queues: { conversion: waiting(conversion), retry: waiting(retry) },
          minutes,
          ...(alarm === undefined ? {} : { alarm }),
        },
        200,
      );
    },
  );
}

function waiting({ visible, inFlight, delayed }: Awaited<ReturnType<typeof queueState>>) {
  return { visible, inFlight, delayed };
}

import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { defined } from '../../../core/defined.ts';
import { getOperationsSummary } from '../../../contract/summary.ts';
import { queueName } from '../../queue-name.ts';
import { queueState } from '../../../ops/dead-letters/queue-state.ts';
import type { ApiDeps } from '../../deps.ts';

export function summaryRoutes(app: OpenAPIHono, deps: ApiDeps): void {
  const { deadLetterQueueUrl, conversionQueueUrl, retryQueueUrl } = deps.deployment;
  app.openapi(createRoute(getOperationsSummary), async (context) => {
    const [dead, conversion, retry, minutes, alarm] = await Promise.all([
      queueState(deps, deadLetterQueueUrl),
      queueState(deps, conversionQueueUrl),
      queueState(deps, retryQueueUrl),
      deps.readMinutes(),
      deps.readAlarm(),
    ]);
    return context.json(
      defined({
        deadLetters: dead.visible,
        queueName: queueName(deadLetterQueueUrl),
        retentionSeconds: dead.retentionSeconds,
        queues: { conversion: waiting(conversion), retry: waiting(retry) },
        minutes,
        alarm,
      }),
      200,
    );
  });
}

function waiting({ visible, inFlight, delayed }: Awaited<ReturnType<typeof queueState>>) {
  return { visible, inFlight, delayed };
}

import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { purgeDeadLetters } from '../../../contract/purges.ts';
import { queueName } from '../../queue-name.ts';
import { queueState } from '../../../ops/dead-letters/queue-state.ts';
import { takeDeadLetters } from '../../../ops/dead-letters/take.ts';
import type { ApiDeps } from '../../deps.ts';
import { RequestProblem } from '../../problem.ts';

const POLLERS = 8;
/** API Gateway times out after 29 seconds. */
const SECONDS = 20;

/** Deletes dead letters that the caller has copies of. */
export function purgeRoutes(app: OpenAPIHono, deps: ApiDeps): void {
  const { deadLetterQueueUrl } = deps.deployment;
  const name = queueName(deadLetterQueueUrl);
  app.openapi(createRoute(purgeDeadLetters), async (context) => {
    const { queueName: typed, ids: given } = context.req.valid('json');
    if (typed !== name) {
      const what = `expected the name of the dead-letter queue, ${name}`;
      throw new RequestProblem(400, 'request.invalid', `queueName: ${what}`, [{ where: 'queueName', what }]);
    }
    const ids = new Set(given);
    const about = { action: 'purge' as const, who: deps.callerOf(context.env), why: '' };
    await deps.audit({ ...about, what: `${ids.size} dead letters of ${name}` });
    const time = AbortSignal.timeout(SECONDS * 1000);
    const { taken, notDeleted } = await takeDeadLetters(deps, {
      filter: { ids },
      pollers: POLLERS,
      polls: 'short',
      limit: ids.size,
      stop: time,
      handle: (letters) => Promise.resolve(new Set(letters.map(({ id }) => id))),
    });
    const deleted = taken - notDeleted;
    await deps.audit({ ...about, what: `of these, ${deleted} were deleted` });
    const missing = ids.size - taken;
    // Messages that another reader has just received are hidden.
    const isHidden = missing > 0 && (await queueState(deps, deadLetterQueueUrl)).inFlight > 0;
    return context.json({ deleted, missing, complete: !time.aborted && !isHidden && notDeleted === 0 }, 200);
  });
}

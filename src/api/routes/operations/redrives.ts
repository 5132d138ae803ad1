import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { LIMITS } from '../../../contract/limits.ts';
import { cancelRedrive, createRedrive, getRedrive, listRedrives } from '../../../contract/redrives.ts';
import { defined } from '../../../core/defined.ts';
import { SETTINGS } from '../../../core/settings.ts';
import { describeFilter, filterOfRequest } from '../../../ops/dead-letters/filter.ts';
import { groupByCode } from '../../../ops/dead-letters/groups.ts';
import { scanDeadLetters } from '../../scan-dead-letters.ts';
import { startJob } from '../../../ops/redrive/job.ts';
import { cancelMoveTasks, listMoveTasks } from '../../../ops/redrive/move-task.ts';
import type { RedriveRecord } from '../../../core/redrive-record.ts';
import { findRecord, listRecords, requestCancel } from '../../../ops/redrive/record.ts';
import type { ApiDeps } from '../../deps.ts';
import { SCAN_LIMITS } from '../../limits.ts';
import { RequestProblem } from '../../problem.ts';

/** Plans, starts, shows and cancels redrives. A separate runner moves the messages. */
export function redriveRoutes(app: OpenAPIHono, deps: ApiDeps): void {
  app.openapi(createRoute(createRedrive), async (context) => {
    const { plan, reason, filter, canary, rate, stopIfFailing } = context.req.valid('json');
    if (plan) {
      const look = await scanDeadLetters(deps, filterOfRequest(filter), SCAN_LIMITS);
      const groups = await groupByCode(look.letters, look.retentionSeconds);
      const total = groups.reduce((sum, { count }) => sum + count, 0);
      return context.json({ groups, total, complete: look.complete() }, 200);
    }
    const order = defined({ filter, stopIfFailing, canary, rate });
    const about = { who: deps.callerOf(context.env), what: describeOrder(order), why: reason };
    await deps.audit({ action: 'redrive', ...about });
    return context.json(await startJob(deps, order, about, deps.startRedrive), 202);
  });

  app.openapi(createRoute(listRedrives), async (context) => {
    const [redrives, tasks] = await Promise.all([
      listRecords(deps, LIMITS.listedRedrives),
      listMoveTasks(deps),
    ]);
    const moveTasks = tasks.map(
      ({
        Status: status = '',
        ApproximateNumberOfMessagesMoved: moved = 0,
        ApproximateNumberOfMessagesToMove: toMove = 0,
        FailureReason: reason,
      }) => defined({ status, moved, toMove, reason }),
    );
    return context.json({ redrives, moveTasks }, 200);
  });

  app.openapi(createRoute(getRedrive), async (context) =>
    context.json(await known(context.req.valid('param').id), 200),
  );

  app.openapi(createRoute(cancelRedrive), async (context) => {
    const { id } = context.req.valid('param');
    const { state, what } = await known(id);
    await deps.audit({
      action: 'cancel redrive',
      who: deps.callerOf(context.env),
      what: `${id}: ${what}`,
      why: '',
    });
    const asked = state === 'handed over' ? (await cancelMoveTasks(deps)) > 0 : await requestCancel(deps, id);
    if (!asked)
      throw new RequestProblem(409, 'redrive.ended', 'the redrive is over: there is nothing to cancel');
    return context.json(await known(id), 200);
  });

  async function known(id: string): Promise<RedriveRecord> {
    const record = await findRecord(deps, id);
    if (record === undefined)
      throw new RequestProblem(
        404,
        'redrive.unknown',
        `there is no redrive with this id; records are kept for ${SETTINGS.ownObjectDays} days`,
      );
    return record;
  }
}

/** Describes a redrive, for its record. */
function describeOrder({
  filter,
  canary,
  rate,
  stopIfFailing,
}: NonNullable<RedriveRecord['request']>): string {
  return [
    describeFilter(filterOfRequest(filter)),
    ...(canary === undefined ? [] : [`canary ${canary}`]),
    ...(rate === undefined ? [] : [`${rate} per second`]),
    `stop if ${Math.round(stopIfFailing * 100)} % fail`,
  ].join(', ');
}

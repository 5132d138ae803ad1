import { MACHINE } from '@millrace/local-aws/models';
import { alarmsOf } from '../core/alarms.ts';
import { watchAlarms } from './alarms.ts';
import { startApi } from './api-server.ts';
import { createAuditLog } from './audit-log.ts';
import { withCleanups, type Cleanups } from './cleanups.ts';
import { startConverter } from './converter.ts';
import { localDeployment } from './deployment.ts';
import { describeError } from './describe-error.ts';
import { startExpiryGuard } from './expiry-guard.ts';
import { createMetrics } from './metrics.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import type { RunningPipeline } from './running-pipeline.ts';
import { startReconciliation } from './reconciliation.ts';

/** Starts on this machine the same pipeline that the CDK app deploys. */
export function startPipeline(options: PipelineOptions): Promise<RunningPipeline> {
  return withCleanups((cleanups) => startWith(options, cleanups));
}

async function startWith(options: PipelineOptions, cleanups: Cleanups): Promise<RunningPipeline> {
  const { onNotice, machine = MACHINE } = options;
  const metrics = createMetrics(machine.wall);
  const converter = await startConverter({ ...options, onWorkerLine: metrics.take }, cleanups);
  const { resources, recipe, timing, generation, running } = converter;
  const { aws } = running;
  const { clock } = aws;
  const isKept = options.data !== undefined;
  const deployment = localDeployment(aws.url, resources, recipe, generation);
  const deadLetters = aws.sqs.queueByArn(resources.deadLetterQueue.arn);
  const alarms = watchAlarms({
    clock,
    alarm: alarmsOf(timing)['dead-letters'],
    // A reader hides them for a moment. On AWS, the metric's one-minute maximum bridges that gap.
    waitingDeadLetters: () => deadLetters?.visible() || deadLetters?.counts().inFlight || 0,
    onAlarm: onNotice,
  });
  const stopGuard = startExpiryGuard(deployment, isKept, clock.now, onNotice);
  cleanups.add(startReconciliation(aws, deployment, isKept, onNotice));
  cleanups.add(stopGuard);
  cleanups.add(alarms.stop);
  const api = await startApi({
    port: options.port,
    recipe,
    deployment,
    alarms,
    metrics,
    audit: createAuditLog(running.logFolder),
    onError: (error) => onNotice(`API: ${describeError(error)}`),
  });
  cleanups.add(api.stop);
  await converter.ready;
  return { ...running, url: api.url };
}

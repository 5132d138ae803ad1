import { availableParallelism } from 'node:os';
import { createLocalFunction, eventQueue } from '@millrace/local-aws/lambda';
import { MACHINE } from '@millrace/local-aws/models';
import { alarmsOf } from '../core/alarms.ts';
import { defined } from '../core/defined.ts';
import { pipelineRecipe } from '../core/recipe.ts';
import { limitsOf } from '../core/rules.ts';
import { timingOf } from '../core/timing.ts';
import { watchAlarms } from './alarms.ts';
import { startApi } from './api-server.ts';
import { createAuditLog } from './audit-log.ts';
import { builtFile } from './built-files.ts';
import { createCleanups, type Cleanups } from './cleanups.ts';
import { connectCompletions } from './completions.ts';
import { localDeployment } from './deployment.ts';
import { describeError } from './describe-error.ts';
import { startExpiryGuard } from './expiry-guard.ts';
import { startEventSources } from './event-sources.ts';
import { startLogRotation } from './log-rotation.ts';
import { createMetrics } from './metrics.ts';
import { openAws } from './open-aws.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import type { RunningPipeline } from './running-pipeline.ts';
import { generationOf } from './recipe-generation.ts';
import { startReconciliation } from './reconciliation.ts';
import { BUCKETS, createResources } from './resources.ts';
import { workerEnvironment } from './worker-environment.ts';

/** Starts the pipeline on this machine: the same as the CDK app deploys, on the embedded AWS. */
export async function startPipeline(options: PipelineOptions): Promise<RunningPipeline> {
  const cleanups = createCleanups();
  try {
    return await startWith(options, cleanups);
  } catch (error) {
    await cleanups.run();
    throw error;
  }
}

async function startWith(options: PipelineOptions, cleanups: Cleanups): Promise<RunningPipeline> {
  const { onNotice, machine = MACHINE } = options;
  const recipe = pipelineRecipe(options.recipe);
  const isKept = options.data !== undefined;
  const { promise: failed, fail } = failure();
  const { aws, logFolder } = await openAws(options, fail);
  cleanups.add(aws.stop);
  const timing = timingOf(limitsOf(recipe));
  const resources = await createResources(aws.url, recipe);
  const completions = await connectCompletions(aws.url, options.completions ?? false);
  aws.beginFaults();

  const { journal, clock, folder } = aws;
  const generation = await generationOf({ journal, now: clock.now, folder }, recipe);
  const metrics = createMetrics(machine.wall);
  const worker = createLocalFunction(
    {
      name: 'millrace-worker',
      module: options.workerModule ?? builtFile('#worker'),
      runtime: builtFile('#function-runtime'),
      timeoutSeconds: timing.functionTimeoutSeconds,
      logFolder,
      env: workerEnvironment(aws.url, resources, recipe, generation, options.configFile),
      onLine: metrics.take,
      onNotStarted: (error) => onNotice(`a worker process could not be started: ${describeError(error)}`),
    },
    options.concurrency ?? availableParallelism(),
  );
  cleanups.add(worker.stop);
  // While their code loads, the rest of the pipeline starts.
  const workersReady = worker.ready();
  workersReady.catch(() => undefined);
  const onRotationError = (error: unknown) => onNotice(`logs are not rotated: ${describeError(error)}`);
  cleanups.add(startLogRotation(logFolder, worker.logFiles, onRotationError));
  cleanups.add(startEventSources({ aws, resources, timing, worker, onNotice, onError: fail }));

  const deployment = localDeployment(aws.url, resources, recipe, generation);
  const deadLetters = aws.sqs.queueByArn(resources.deadLetterQueue.arn);
  const alarms = watchAlarms({
    clock,
    alarm: alarmsOf(timing)['dead-letters'],
    visibleDeadLetters: () => deadLetters?.visible() ?? 0,
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
    audit: createAuditLog(logFolder),
    onError: (error) => onNotice(`API: ${describeError(error)}`),
  });
  cleanups.add(api.stop);
  await workersReady;
  return {
    aws,
    ...defined({
      completions: completions && eventQueue(aws.sqs, aws.journal, completions.arn, aws.region),
    }),
    url: api.url,
    awsUrl: aws.url,
    buckets: BUCKETS,
    queues: {
      conversion: resources.conversionQueue.url,
      retry: resources.retryQueue.url,
      deadLetter: resources.deadLetterQueue.url,
      ...defined({ completions: completions?.url }),
    },
    logFolder,
    failed,
    stop: cleanups.run,
    async kill() {
      await worker.stop();
      await cleanups.run();
    },
  };
}

/** A promise that only rejects, and need not be listened to. */
function failure(): { promise: Promise<never>; fail(error: unknown): void } {
  let fail: (error: unknown) => void = () => undefined;
  const promise = new Promise<never>((_resolve, reject) => (fail = reject));
  promise.catch(() => undefined);
  return { promise, fail };
}

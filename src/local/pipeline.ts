import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startLocalAws } from '@millrace/local-aws';
import { diskTrouble, unwritable } from '@millrace/local-aws/errors';
import { createLocalFunction, eventQueue, startEventSource } from '@millrace/local-aws/lambda';
import { MACHINE, type Machine } from '@millrace/local-aws/models';
import { alarmsOf } from '../core/alarms.ts';
import { SETTINGS } from '../core/settings.ts';
import { timingOf } from '../core/timing.ts';
import { startApi } from './api-server.ts';
import { DATA_FOLDER } from './data-folder.ts';
import { localDeployment } from './deployment.ts';
import { watchAlarms } from './alarms.ts';
import { createAuditLog } from './audit-log.ts';
import { builtFile } from './built-files.ts';
import { startExpiryGuard } from './expiry-guard.ts';
import { startLogRotation } from './log-rotation.ts';
import { createMetrics } from './metrics.ts';
import { startReconciliation } from './reconciliation.ts';
import type { Pipeline, PublicOptions } from './pipeline-types.ts';
import { generationOf } from './recipe-generation.ts';
import { BUCKETS, createResources } from './resources.ts';
import { workerEnvironment } from './worker-environment.ts';

export interface PipelineOptions extends PublicOptions {
  /** Reads all contents of the data folder before it starts, and refuses it if one differs from what was stored. */
  verify?: boolean;
  /** Whether what is acknowledged survives a power cut; slower. */
  fsync?: boolean;
  /** The machine's time; another one in tests. */
  machine?: Machine;
  /** The worker's module; another one in tests, with a conversion that crashes, say. */
  workerModule?: string;
}

/** Starts the pipeline on this machine: what the CDK app deploys, on the embedded AWS. */
export async function startPipeline(options: PipelineOptions): Promise<Pipeline> {
  const folder =
    options.data === undefined ? await mkdtemp(join(tmpdir(), 'millrace-')) : resolve(options.data);
  const isKept = options.data !== undefined;
  const { machine = MACHINE } = options;
  const cleanups: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const cleanup of cleanups.toReversed()) await cleanup();
    cleanups.length = 0;
  };
  if (!isKept) {
    // Whoever ends the process does not wait for `stop`.
    const removeAtExit = () => rmSync(folder, { recursive: true, force: true });
    process.once('exit', removeAtExit);
    cleanups.push(async () => {
      await rm(folder, { recursive: true, force: true });
      process.off('exit', removeAtExit);
    });
  }

  try {
    const logFolder = join(folder, 'logs');
    let fail: (error: unknown) => void = () => undefined;
    const failed = new Promise<never>((_resolve, reject) => (fail = reject));
    failed.catch(() => undefined);

    const aws = await startLocalAws({
      port: options.awsPort,
      folder,
      keep: isKept,
      folderKind: DATA_FOLDER,
      repair: options.repair ?? false,
      verify: options.verify ?? false,
      fsync: options.fsync ?? false,
      onNotice: options.onNotice,
      onFailure: (error) => fail(unwritable(folder, error)),
      onError: (error) => options.onNotice(`local AWS: ${describe(error)}`),
      ...(options.faults === undefined ? {} : { faults: options.faults }),
      machine,
    });
    cleanups.push(aws.stop);
    // Only now is the folder known to be ours.
    await mkdir(logFolder, { recursive: true, mode: 0o700 });
    const timing = timingOf(options.recipe.limits);
    const resources = await createResources(aws.url, timing);
    aws.beginFaults();

    const generation = await generationOf(
      { journal: aws.journal, now: aws.clock.now, folder },
      options.recipe,
    );
    const metrics = createMetrics(machine.wall);
    const concurrency = options.concurrency ?? availableParallelism();
    const worker = createLocalFunction(
      {
        name: 'millrace-worker',
        module: options.workerModule ?? builtFile('#worker'),
        runtime: builtFile('#function-runtime'),
        timeoutSeconds: timing.functionTimeoutSeconds,
        logFolder,
        env: workerEnvironment(aws.url, resources, options.recipe, generation),
        onLine: metrics.take,
        onNotStarted: (error) =>
          options.onNotice(`a worker process could not be started: ${describe(error)}`),
      },
      concurrency,
    );
    cleanups.push(worker.stop);
    // While their code loads, the rest of the pipeline starts.
    const workersReady = worker.ready();
    workersReady.catch(() => undefined);
    const stopRotation = startLogRotation(logFolder, worker.logFiles, (error) =>
      options.onNotice(`logs are not rotated: ${String(error)}`),
    );
    cleanups.push(() => Promise.resolve(stopRotation()));

    const lanes = [
      { queue: resources.conversionQueue, batchSize: timing.batchSize },
      { queue: resources.retryQueue, batchSize: SETTINGS.retryBatchSize },
    ];
    for (const { queue, batchSize } of lanes) {
      const source = startEventSource({
        queue: eventQueue(aws.sqs, aws.journal, queue.arn, aws.region),
        function: worker,
        batchSize,
        onFunctionError: ({ message }, records) =>
          options.onNotice(
            `a worker invocation with ${records === 1 ? '1 message' : `${records} messages`} failed: ${message}`,
          ),
        onError: fail,
      });
      cleanups.push(source.stop);
    }

    const deployment = localDeployment(aws.url, resources, options.recipe, generation);
    const deadLetters = aws.sqs.queueByArn(resources.deadLetterQueue.arn);
    const alarms = watchAlarms({
      clock: aws.clock,
      alarm: alarmsOf(timing)['dead-letters'],
      visibleDeadLetters: () => deadLetters?.visible() ?? 0,
      onAlarm: options.onNotice,
    });
    const stopGuard = startExpiryGuard(deployment, isKept, aws.clock.now, options.onNotice);
    const stopReconciliation = startReconciliation(aws, deployment, isKept, options.onNotice);
    cleanups.push(async () => {
      alarms.stop();
      stopGuard();
      await stopReconciliation();
    });

    const { port, recipe } = options;
    const api = await startApi({
      port,
      recipe,
      deployment,
      alarms,
      metrics,
      audit: createAuditLog(logFolder),
      onError: (error) => options.onNotice(`API: ${describe(error)}`),
    });
    cleanups.push(api.stop);
    await workersReady;
    return {
      url: api.url,
      awsUrl: aws.url,
      buckets: BUCKETS,
      queues: {
        conversion: resources.conversionQueue.url,
        retry: resources.retryQueue.url,
        deadLetter: resources.deadLetterQueue.url,
      },
      logFolder,
      failed,
      stop,
      async kill() {
        await worker.stop();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A bug needs its stack; a full disk does not. */
function describe(error: unknown): string {
  const trouble = diskTrouble(error);
  if (trouble !== undefined) return trouble.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

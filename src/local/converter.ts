import { availableParallelism } from 'node:os';
import { createLocalFunction, eventQueue } from '@millrace/local-aws/lambda';
import { defined } from '../core/defined.ts';
import { pipelineRecipe, type Recipe } from '../core/recipe.ts';
import { limitsOf } from '../core/rules.ts';
import { timingOf, type Timing } from '../core/timing.ts';
import { builtFile } from './built-files.ts';
import type { Cleanups } from './cleanups.ts';
import { connectCompletions } from './completions.ts';
import { describeError } from './describe-error.ts';
import { startEventSources } from './event-sources.ts';
import { startLogRotation } from './log-rotation.ts';
import type { FileEvent } from './files/events.ts';
import { filesEnvironment } from './files/files.ts';
import { openAws } from './open-aws.ts';
import type { ConverterOptions } from './pipeline-options.ts';
import { generationOf } from './recipe-generation.ts';
import type { RunningConverter } from './running-pipeline.ts';
import { BUCKETS, createResources, type Resources } from './resources.ts';
import { workerEnvironment } from './worker-environment.ts';

/** The part of a pipeline that converts, and what the rest of the pipeline needs to know about it. */
export interface Converter {
  running: RunningConverter;
  resources: Resources;
  recipe: Recipe;
  timing: Timing;
  generation: number;
  /** Resolves when the worker's processes have loaded their code. */
  ready: Promise<void>;
}

/**
 * Starts the part of a pipeline that converts: S3, the queues and the worker.
 * @param cleanups collects the steps that stop it
 */
export async function startConverter(options: ConverterOptions, cleanups: Cleanups): Promise<Converter> {
  const { onNotice, files } = options;
  const recipe = pipelineRecipe(options.recipe);
  const { promise: failed, fail } = failure();
  const { aws, logFolder } = await openAws(options, fail);
  cleanups.add(aws.stop);
  const timing = timingOf(limitsOf(recipe));
  const resources = await createResources(aws.url, recipe, options);
  const conversionQueue = aws.sqs.queueByArn(resources.conversionQueue.arn);
  if (conversionQueue === undefined) throw new Error('the conversion queue is gone');
  const completions = await connectCompletions(aws.url, options.completions ?? false);
  aws.beginFaults();

  const { journal, clock, folder } = aws;
  const generation = await generationOf({ journal, now: clock.now, folder }, recipe);
  const worker = createLocalFunction(
    {
      name: 'millrace-worker',
      module: options.workerModule ?? builtFile(files === undefined ? '#worker' : '#file-worker'),
      runtime: builtFile('#function-runtime'),
      timeoutSeconds: timing.functionTimeoutSeconds,
      logFolder,
      env: {
        ...workerEnvironment(aws.url, resources, recipe, generation, options.configFile),
        ...(files && filesEnvironment(files)),
      },
      ...defined({
        onLine: options.onWorkerLine,
        onEvent: files && ((event: unknown) => files.onEvent(event as FileEvent)),
      }),
      onNotStarted: (error) => onNotice(`a worker process could not be started: ${describeError(error)}`),
    },
    options.concurrency ?? availableParallelism(),
  );
  cleanups.add(worker.stop);
  // The rest of the pipeline starts while the worker's code loads.
  const ready = worker.ready();
  ready.catch(() => undefined);
  const onRotationError = (error: unknown) => onNotice(`logs are not rotated: ${describeError(error)}`);
  cleanups.add(startLogRotation(logFolder, worker.logFiles, onRotationError));
  // `convert` removes its folder when it ends.
  const keepsLogs = files === undefined;
  cleanups.add(startEventSources({ aws, resources, timing, worker, keepsLogs, onNotice, onError: fail }));
  return {
    resources,
    recipe,
    timing,
    generation,
    ready,
    running: {
      aws,
      ...defined({ completions: completions && eventQueue(aws.sqs, journal, completions.arn, aws.region) }),
      queue: (body) => void aws.sqs.send(conversionQueue, { body }),
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
    },
  };
}

/** Returns a promise that can only reject, and that may be ignored. */
function failure(): { promise: Promise<never>; fail(error: unknown): void } {
  let fail: (error: unknown) => void = () => undefined;
  const promise = new Promise<never>((_resolve, reject) => (fail = reject));
  promise.catch(() => undefined);
  return { promise, fail };
}

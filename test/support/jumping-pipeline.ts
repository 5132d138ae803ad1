import { PutObjectCommand } from '@aws-sdk/client-s3';
import { eventQueue, failedMessages } from '@millrace/local-aws/lambda';
import type { Machine } from '@millrace/local-aws/models';
import { SETTINGS } from '../../src/core/settings.ts';
import { DEFAULT_RECIPE } from '../../src/core/recipe.ts';
import { timingOf } from '../../src/core/timing.ts';
import { localDeployment } from '../../src/local/deployment.ts';
import { findInProgress } from '../../src/local/in-progress.ts';
import { createResources } from '../../src/local/resources.ts';
import { workerEnvironment } from '../../src/local/worker-environment.ts';
import { archiveDeadLetters } from '../../src/ops/dead-letters/archive.ts';
import { queuePending } from '../../src/ops/queue-pending.ts';
import { readConfig } from '../../src/worker/config.ts';
import { createDeps } from '../../src/worker/deps.ts';
import { createWorker } from '../../src/worker/worker.ts';
import { startPersistentAws } from './persistent-aws.ts';
import { clientsOf } from './pipeline.ts';
import { contextOf } from './worker.ts';

const TIMING = timingOf(DEFAULT_RECIPE.limits);
/** The clock must be read more often than once a minute. */
const POLL_MILLISECONDS = 30_000;
/** Longer than any number of attempts takes. */
const MOST_ROUNDS = 100;

/**
 * The parts of a local pipeline on a data folder, on a machine whose clock the test sets, with the worker in this
 * process. The test decides when it receives and what happens in the meantime.
 */
export async function startJumpingPipeline(
  folder: string,
  machine: Machine & { pass(milliseconds: number): void },
) {
  const aws = await startPersistentAws(folder, machine);
  const resources = await createResources(aws.url, DEFAULT_RECIPE);
  const env = workerEnvironment(aws.url, resources, DEFAULT_RECIPE);
  Object.assign(process.env, env);
  const deps = createDeps(readConfig(env));
  const worker = createWorker(deps);
  const { s3, sqs } = clientsOf(aws.url);
  const deployment = localDeployment(aws.url, resources, DEFAULT_RECIPE);
  const ops = { s3, sqs, deployment };
  const lanes = [
    { queue: resources.conversionQueue, batchSize: TIMING.batchSize },
    { queue: resources.retryQueue, batchSize: SETTINGS.retryBatchSize },
  ].map(({ queue, batchSize }) => ({
    batchSize,
    events: eventQueue(aws.sqs, aws.journal, queue.arn, aws.region),
    messages: () => [...(aws.sqs.queueByArn(queue.arn)?.all() ?? [])].length,
  }));
  const stop = new AbortController().signal;

  /** Runs one batch of each lane. Calls `meanwhile` when the worker has started. */
  async function work(meanwhile: () => void = () => undefined): Promise<number> {
    let received = 0;
    for (const { events, batchSize } of lanes) {
      const records = events.receive(batchSize);
      if (records.length === 0) continue;
      received += records.length;
      const answering = worker({ Records: records }, contextOf());
      meanwhile();
      const failed = failedMessages(
        await answering,
        records.map(({ messageId }) => messageId),
      );
      events.delete(records.filter(({ messageId }) => !failed.has(messageId)));
      await events.flush();
    }
    return received;
  }

  return {
    aws,
    ops,
    work,
    async upload(Key: string, Body: Buffer | string) {
      await s3.send(new PutObjectCommand({ Bucket: 'uploads', Key, Body }));
    },
    /** Does what a pipeline does at its start, except for the event sources. */
    async begin() {
      const inProgress = findInProgress(aws, deployment);
      return await queuePending(ops, { stop, now: aws.clock.now(), inProgress });
    },
    /** Runs the expiry guard, which polls for a second. */
    archive: () => archiveDeadLetters(ops, SETTINGS.archiveAfterSeconds, aws.clock.now()),
    /** Receives a batch and crashes. */
    die() {
      for (const { events, batchSize } of lanes) events.receive(batchSize);
    },
    /** Loses a batch's last message, as a repair may, and crashes. */
    lose() {
      const [lane] = lanes;
      lane?.events.delete(lane.events.receive(lane.batchSize).slice(-1));
    },
    /** Lets time pass while the pipeline runs. */
    run(milliseconds: number) {
      for (let left = milliseconds; left > 0; left -= POLL_MILLISECONDS) {
        machine.pass(Math.min(left, POLL_MILLISECONDS));
        aws.clock.now();
      }
    },
    /** Works until both queues are empty. */
    async rest() {
      for (let round = 0; round < MOST_ROUNDS; round += 1) {
        while ((await work()) > 0);
        if (lanes.every(({ messages }) => messages() === 0)) return;
        this.run(TIMING.visibilityTimeoutSeconds * 1000);
      }
      throw new Error('the queues do not become empty');
    },
    async stop() {
      for (const client of [s3, sqs, deps.s3, deps.sqs]) client.destroy();
      await aws.stop();
    },
  };
}

import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { eventQueue, failedMessages } from '@millrace/local-aws/lambda';
import { noJournal, type QueueState, type Random } from '@millrace/local-aws/models';
import { SETTINGS } from '../../src/core/settings.ts';
import type { Acknowledgements } from './acknowledgements.ts';
import type { Deployed } from './deployments.ts';
import type { Faults } from './faults.ts';
import type { Invocations } from './invocations.ts';
import type { SecondLooks } from './second-looks.ts';
import type { Owner, Steps } from './steps.ts';
import type { WorkerProcess } from './worker-process.ts';
import type { World } from './world.ts';

/** Lambda's role for a function with two event sources, in steps. */
export interface Lambda extends Omit<Invocations, 'begin'> {
  /** Returns whether a batch can be received: there are messages and a free process. */
  canPoll(): boolean;
  /** Receives a batch from a queue and invokes the function with it. */
  poll(): string;
  /** Called after every step. Returns a violation of the event sources, if any. */
  check(): string | undefined;
}

export interface LambdaDeps {
  world: World;
  steps: Steps;
  faults: Faults;
  random: Random;
  batchSize: number;
  concurrency: number;
  invocations: Invocations;
  start(name: string, deployed: Deployed): WorkerProcess;
  /** Returns the version to invoke next. */
  next(): Deployed;
  acknowledgements: Acknowledgements;
  secondLooks: SecondLooks;
  /** Called if a message is acknowledged too early. */
  onViolation(text: string): void;
}

/** A queue that invokes the function. */
export function sourcesOf({ world, batchSize }: Pick<LambdaDeps, 'world' | 'batchSize'>) {
  return [
    { queue: world.conversion, batchSize },
    { queue: world.retry, batchSize: SETTINGS.retryBatchSize },
  ].map((source) => ({
    ...source,
    events: eventQueue(world.sqs, noJournal, source.queue.arn, 'us-east-1'),
  }));
}

/** Records the messages that SQS did not hide: they are received again although nothing failed. */
export function noteUnhidden(world: World, queue: QueueState, records: readonly SQSRecord[]): void {
  for (const { messageId } of records) {
    const visible = (queue.get(messageId)?.visibleAt ?? 0) <= world.clock.now();
    if (visible) world.disturb(messageId);
  }
}

/** Checks that an acknowledged message has its outcome. */
export function checkAcknowledged(
  { world, acknowledgements, secondLooks, onViolation }: LambdaDeps,
  process: WorkerProcess,
  record: SQSRecord,
  batch: readonly SQSRecord[],
): void {
  const wrong = acknowledgements.check(process, record, batch);
  if (wrong !== undefined) onViolation(wrong);
  const keys = world.messageContents.of(record.body).map(({ key }) => key);
  secondLooks.settled(process, keys);
}

/** The simulation's own event sources. They receive at any moment, and batches of any size. */
export function createLambda(deps: LambdaDeps): Lambda {
  const { world, steps, faults, random, invocations } = deps;
  const { sqs } = world;
  const idle: WorkerProcess[] = [];
  const poller: Owner = { name: 'poller', alive: true };
  let started = 0;
  const sources = sourcesOf(deps);

  const ready = () => sources.filter(({ queue }) => queue.visible() > 0);

  function take(): WorkerProcess {
    const deployed = deps.next();
    // Work that a process left unfinished when it responded may have killed it since.
    const warm = idle.findLastIndex((process) => process.alive && process.deployed === deployed);
    const [process] = warm < 0 ? [] : idle.splice(warm, 1);
    if (process !== undefined) return process;
    started += 1;
    return deps.start(`process ${started}`, deployed);
  }

  function acknowledge(
    queue: QueueState,
    process: WorkerProcess,
    records: SQSRecord[],
    response: SQSBatchResponse,
  ): void {
    const failed = failedMessages(
      response,
      records.map(({ messageId }) => messageId),
    );
    const acknowledged = records.filter(({ messageId }) => !failed.has(messageId));
    for (const record of acknowledged) checkAcknowledged(deps, process, record, records);
    idle.push(process);
    void steps.effect(poller, `acknowledge ${acknowledged.length} of ${records.length}`, () => {
      for (const { messageId, receiptHandle } of acknowledged) {
        if (faults.strikes('notAcknowledged')) world.disturb(messageId);
        else sqs.delete(queue, receiptHandle);
      }
    });
  }

  return {
    ...invocations,
    check: () => undefined,
    canPoll: () => invocations.busy().length < deps.concurrency && ready().length > 0,

    poll() {
      const choices = ready();
      const source = choices[Math.floor(random() * choices.length)];
      if (source === undefined) return 'nothing to poll';
      const { queue, events, batchSize } = source;
      const records = events.receive(1 + Math.floor(random() * batchSize));
      if (records.length === 0) return `poll of ${queue.name}: dead letters only`;
      noteUnhidden(world, queue, records);
      const process = take();
      invocations.begin(process, records, (ended) => {
        if (ended !== 'killed') acknowledge(queue, process, records, ended.response);
      });
      return `${process.name}: invoked with ${records.length} of ${queue.name}`;
    },
  };
}

import type { Context, SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { eventQueue, failedMessages } from '@millrace/local-aws/lambda';
import { noJournal, type QueueState, type Random } from '@millrace/local-aws/models';
import { SETTINGS } from '../../src/core/settings.ts';
import type { Acknowledgements } from './acknowledgements.ts';
import type { Deployed } from './deployments.ts';
import type { Faults } from './faults.ts';
import type { SecondLooks } from './second-looks.ts';
import type { Owner, Steps } from './steps.ts';
import type { WorkerProcess } from './worker-process.ts';
import type { World } from './world.ts';
import { TIMING } from '../support/timing.ts';

/** Lambda's role for a function with two event sources, in steps. */
export interface Lambda {
  /** Returns whether a batch can be received: there are messages and a free process. */
  canPoll(): boolean;
  /** Receives a batch from a queue and invokes the function with it. */
  poll(): string;
  /** Running invocations, in the order of their start. */
  busy(): WorkerProcess[];
  /** Kills an invocation's process. Its messages stay hidden until their visibility timeout. */
  kill(process: Owner): void;
  /** When the invocation reaches the function's timeout. */
  deadline(process: WorkerProcess): number;
  /** Lets the invocation outlive the function's timeout, like a frozen process until it is killed. */
  freeze(process: WorkerProcess): void;
}

interface Invocation {
  process: WorkerProcess;
  records: SQSRecord[];
  begunAt: number;
  /** Fires at the function's timeout. */
  timeout: NodeJS.Timeout;
}

interface LambdaDeps {
  world: World;
  steps: Steps;
  faults: Faults;
  random: Random;
  batchSize: number;
  concurrency: number;
  start(name: string, deployed: Deployed): WorkerProcess;
  /** Returns the version to invoke next. */
  next(): Deployed;
  acknowledgements: Acknowledgements;
  secondLooks: SecondLooks;
  /** Called if the function violates its contract with Lambda. */
  onViolation(text: string): void;
}

export function createLambda(deps: LambdaDeps): Lambda {
  const { world, steps, faults, random, acknowledgements, onViolation } = deps;
  const { clock, sqs } = world;
  const idle: WorkerProcess[] = [];
  const invocations = new Map<Owner, Invocation>();
  const poller: Owner = { name: 'poller', alive: true };
  let started = 0;
  const sources = [
    { queue: world.conversion, batchSize: deps.batchSize },
    { queue: world.retry, batchSize: SETTINGS.retryBatchSize },
  ].map((source) => ({ ...source, events: eventQueue(sqs, noJournal, source.queue.arn, 'us-east-1') }));

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

  function invoke(queue: QueueState, process: WorkerProcess, records: SQSRecord[]): void {
    const begunAt = clock.now();
    const timeout = setTimeout(() => expire(process), TIMING.functionTimeoutSeconds * 1000);
    const invocation: Invocation = { process, records, begunAt, timeout };
    invocations.set(process, invocation);
    acknowledgements.begun(process);
    process.disturbed = false;
    process.sent = [];
    process.messageIds = records.map(({ messageId }) => messageId);
    const deadline = begunAt + TIMING.functionTimeoutSeconds * 1000;
    const context = {
      awsRequestId: `${process.name}, ${begunAt}`,
      functionName: 'worker',
      getRemainingTimeInMillis: () => deadline - clock.now(),
    } as Context;
    process.handler({ Records: records }, context).then(
      (response) => end(queue, invocation, response),
      (error: unknown) => {
        if (process.alive) onViolation(`the handler threw ${String(error)}`);
      },
    );
  }

  /** Lambda kills an invocation that has not responded in time, and with it the work on the whole batch. */
  function expire(process: WorkerProcess): void {
    onViolation(`${process.name} reached the function's timeout although nothing froze it`);
    kill(process);
  }

  function end(queue: QueueState, { process, records }: Invocation, response: SQSBatchResponse): void {
    if (!process.alive) return;
    const ids = records.map(({ messageId }) => messageId);
    const named = response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    if (new Set(named).size < named.length || named.some((id) => !ids.includes(id))) {
      onViolation(`the response names ${JSON.stringify(named)} of ${JSON.stringify(ids)}`);
    }
    const failed = failedMessages(response, ids);
    const acknowledged = records.filter(({ messageId }) => !failed.has(messageId));
    for (const record of acknowledged) {
      const wrong = acknowledgements.check(process, record, records);
      if (wrong !== undefined) onViolation(wrong);
      const keys = world.messageContents.of(record.body).map(({ key }) => key);
      deps.secondLooks.settled(process, keys);
    }
    release(process);
    idle.push(process);
    void steps.effect(poller, `acknowledge ${acknowledged.length} of ${records.length}`, () => {
      for (const { messageId, receiptHandle } of acknowledged) {
        if (faults.strikes('notAcknowledged')) world.disturb(messageId);
        else sqs.delete(queue, receiptHandle);
      }
    });
  }

  /** Removes an invocation's bookkeeping. */
  function release(process: Owner): void {
    const invocation = invocations.get(process);
    if (invocation === undefined) return;
    invocations.delete(process);
    clearTimeout(invocation.timeout);
    if (invocation.process.disturbed)
      for (const { messageId } of invocation.records) world.disturb(messageId);
  }

  function kill(process: Owner): void {
    release(process);
    steps.bury(process);
  }

  return {
    canPoll: () => invocations.size < deps.concurrency && ready().length > 0,

    poll() {
      const choices = ready();
      const source = choices[Math.floor(random() * choices.length)];
      if (source === undefined) return 'nothing to poll';
      const records = source.events.receive(1 + Math.floor(random() * source.batchSize));
      if (records.length === 0) return `poll of ${source.queue.name}: dead letters only`;
      for (const { messageId } of records) {
        // Not deleted: it is received again although nothing failed.
        const visible = (source.queue.get(messageId)?.visibleAt ?? 0) <= clock.now();
        if (visible) world.disturb(messageId);
      }
      const process = take();
      invoke(source.queue, process, records);
      return `${process.name}: invoked with ${records.length} of ${source.queue.name}`;
    },

    busy: () => [...invocations.values()].map(({ process }) => process),

    kill,

    freeze(process) {
      clearTimeout(invocations.get(process)?.timeout);
    },

    deadline(process) {
      const begunAt = invocations.get(process)?.begunAt ?? 0;
      return begunAt + TIMING.functionTimeoutSeconds * 1000;
    },
  };
}

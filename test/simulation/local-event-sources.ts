import type { SQSRecord } from 'aws-lambda';
import {
  createFunctionPool,
  startEventSource,
  type EventQueue,
  type FunctionProcess,
  type Invoked,
} from '@millrace/local-aws/lambda';
import { checkAcknowledged, noteUnhidden, sourcesOf, type Lambda, type LambdaDeps } from './lambda.ts';
import type { Owner } from './steps.ts';
import type { WorkerProcess } from './worker-process.ts';

/** A received batch, from its receive until its end is recorded in the queue. */
interface Batch {
  records: readonly SQSRecord[];
  process?: WorkerProcess;
  /** Ids that the function reported as failed; `killed` if it ended without a response. */
  failed?: ReadonlySet<string> | 'killed';
  /** The messages that were deleted, or hidden after a function error. */
  settled: Set<string>;
}

/**
 * The local AWS's own event sources, in virtual time: its loop receives, invokes the function in a pool of processes,
 * and deletes what succeeded. Its requests to the queues may fail. Only the processes are simulated.
 */
export function createLocalLambda(deps: LambdaDeps): Lambda {
  const { world, steps, faults, invocations, concurrency, onViolation } = deps;
  const batches = new Set<Batch>();
  let started = 0;

  const batchOf = (record: SQSRecord) => [...batches].find(({ records }) => records.includes(record));

  /** A process of the pool. Like Lambda's slots, it runs whatever version is deployed. */
  function startProcess(): FunctionProcess {
    let worker: WorkerProcess | undefined;
    let isKilled = false;
    const process: FunctionProcess = {
      ready: Promise.resolve(),
      logFile: '',
      get alive() {
        // Work that it left unfinished when it responded may have killed it since.
        return !isKilled && worker?.alive !== false;
      },
      invoke: (event) =>
        new Promise<Invoked>((resolve) => {
          const { Records: records } = event as { Records: SQSRecord[] };
          const batch = records[0] === undefined ? undefined : batchOf(records[0]);
          if (batch === undefined) return onViolation('the function is invoked without a batch');
          const end = (failed: ReadonlySet<string> | 'killed', value?: unknown) => {
            batch.failed = failed;
            resolve(failed === 'killed' ? { kind: 'died', message: 'killed' } : { kind: 'answer', value });
          };
          if (!process.alive) {
            for (const { messageId } of records) world.disturb(messageId);
            return end('killed');
          }
          const deployed = deps.next();
          if (worker?.deployed !== deployed) {
            started += 1;
            worker = deps.start(`process ${started}`, deployed);
          }
          if (invocations.busy().length >= concurrency)
            onViolation(`the function is invoked more than ${concurrency} times at once`);
          batch.process = worker;
          invocations.begin(worker, records, (ended) => {
            if (ended === 'killed') return end('killed');
            const { batchItemFailures } = ended.response;
            end(new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)), ended.response);
          });
        }),
      kill() {
        isKilled = true;
        return Promise.resolve();
      },
    };
    return process;
  }

  /** The event source's requests to its queue, as steps that may fail. */
  function watched({ queue, events, batchSize }: ReturnType<typeof sourcesOf>[number]): EventQueue {
    const owner: Owner = { name: `event source of ${queue.name}`, alive: true };

    function settle(records: readonly SQSRecord[], as: 'deleted' | 'hidden'): void {
      for (const record of records) {
        const batch = batchOf(record);
        const { failed, process } = batch ?? {};
        const isKilled = failed === 'killed';
        if (batch === undefined || failed === undefined || isKilled !== (as === 'hidden'))
          return onViolation(`a message of ${queue.name} is ${as} although its invocation did not end so`);
        if (!isKilled && failed.has(record.messageId))
          return onViolation(`a message of ${queue.name} is deleted although the function reported it`);
        batch.settled.add(record.messageId);
        if (!isKilled && process !== undefined) checkAcknowledged(deps, process, record, batch.records);
      }
    }

    return {
      async waitForMessages(signal) {
        await events.waitForMessages(signal);
        await steps.effect(owner, `poll ${queue.name}`, () => undefined);
      },

      receive(max) {
        if (max !== batchSize)
          onViolation(`${queue.name} is asked for ${max} messages, and not ${batchSize}`);
        if ([...batches].filter(({ failed }) => failed === undefined).length >= concurrency)
          onViolation(`a batch of ${queue.name} is received although no process is free for it`);
        if (faults.strikes('refused')) return [];
        const records = events.receive(max);
        noteUnhidden(world, queue, records);
        if (records.length > 0) batches.add({ records, settled: new Set() });
        world.met('a batch that the local event source received', records.length > 0 ? 1 : 0);
        return records;
      },

      delete(records) {
        settle(records, 'deleted');
        for (const record of records) {
          if (faults.strikes('notAcknowledged')) world.disturb(record.messageId);
          else events.delete([record]);
        }
      },

      hide(records, seconds) {
        settle(records, 'hidden');
        const receives = records.map(({ attributes }) => Number(attributes.ApproximateReceiveCount));
        if (seconds !== Math.max(...receives))
          onViolation(`after a function error, ${queue.name} is hidden for ${seconds} s`);
        world.met('a batch that the local event source returned after a function error');
        if (!faults.strikes('refused')) events.hide(records, seconds);
      },

      flush: () => steps.effect(owner, `flush ${queue.name}`, () => undefined),
    };
  }

  const pool = createFunctionPool(startProcess, concurrency);
  for (const source of sourcesOf(deps))
    startEventSource({
      queue: watched(source),
      function: pool,
      batchSize: source.batchSize,
      onFunctionError: () => undefined,
      onError: (error) => onViolation(`an event source ended: ${String(error)}`),
    });

  return {
    ...invocations,
    canPoll: () => false,
    poll: () => 'nothing to poll',

    check() {
      for (const batch of batches) {
        const { failed, records, settled } = batch;
        if (failed === undefined) continue;
        batches.delete(batch);
        const due = failed === 'killed' ? records : records.filter(({ messageId }) => !failed.has(messageId));
        if (due.some(({ messageId }) => !settled.has(messageId)))
          return 'an event source keeps a message of an invocation that has ended';
      }
      return undefined;
    },
  };
}

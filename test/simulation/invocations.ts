import type { Context, SQSBatchResponse, SQSRecord } from 'aws-lambda';
import type { Acknowledgements } from './acknowledgements.ts';
import { createContention } from './contention.ts';
import type { SecondLooks } from './second-looks.ts';
import type { Owner, Steps } from './steps.ts';
import type { WorkerProcess } from './worker-process.ts';
import type { World } from './world.ts';
import { TIMING } from '../support/timing.ts';

/** How an invocation ended: with a response, or because its process was killed. */
export type Ended = { response: SQSBatchResponse } | 'killed';

/** The invocations of the function, whichever event source made them. */
export interface Invocations {
  /** Running ones, in the order of their start. */
  busy(): WorkerProcess[];
  /**
   * Invokes the function in a free process.
   * @param onEnd called when the invocation ends
   */
  begin(process: WorkerProcess, records: SQSRecord[], onEnd: (ended: Ended) => void): void;
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
  onEnd(ended: Ended): void;
}

interface InvocationsDeps {
  world: World;
  steps: Steps;
  acknowledgements: Acknowledgements;
  secondLooks: SecondLooks;
  /** Called if the function violates its contract with Lambda. */
  onViolation(text: string): void;
}

export function createInvocations(deps: InvocationsDeps): Invocations {
  const { world, steps, acknowledgements, secondLooks, onViolation } = deps;
  const { clock } = world;
  const contention = createContention(world);
  const running = new Map<Owner, Invocation>();

  /** Lambda kills an invocation that has not responded in time, and with it the work on the whole batch. */
  function expire(process: WorkerProcess): void {
    onViolation(`${process.name} reached the function's timeout although nothing froze it`);
    kill(process);
  }

  function end({ process, records, onEnd }: Invocation, response: SQSBatchResponse): void {
    if (!process.alive) return;
    const ids = records.map(({ messageId }) => messageId);
    const named = response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    if (new Set(named).size < named.length || named.some((id) => !ids.includes(id)))
      onViolation(`the response names ${JSON.stringify(named)} of ${JSON.stringify(ids)}`);
    release(process);
    const outrun = contention.ended(process, new Set(named));
    // A fault counts once, whatever else happened to the attempt.
    if (!process.disturbed) for (const id of outrun) world.outrun(id);
    onEnd({ response });
  }

  /** Removes an invocation's bookkeeping. */
  function release(process: Owner): Invocation | undefined {
    const invocation = running.get(process);
    if (invocation === undefined) return undefined;
    running.delete(process);
    clearTimeout(invocation.timeout);
    if (invocation.process.disturbed)
      for (const { messageId } of invocation.records) world.disturb(messageId);
    return invocation;
  }

  function kill(process: Owner): void {
    contention.killed(process);
    const invocation = release(process);
    steps.bury(process);
    invocation?.onEnd('killed');
  }

  return {
    busy: () => [...running.values()].map(({ process }) => process),

    begin(process, records, onEnd) {
      const begunAt = clock.now();
      const timeout = setTimeout(() => expire(process), TIMING.functionTimeoutSeconds * 1000);
      const invocation: Invocation = { process, records, begunAt, timeout, onEnd };
      running.set(process, invocation);
      acknowledgements.begun(process);
      secondLooks.begun(process);
      process.disturbed = false;
      process.sent = [];
      process.stored = new Map();
      contention.begun(process, records);
      process.messageIds = records.map(({ messageId }) => messageId);
      const deadline = begunAt + TIMING.functionTimeoutSeconds * 1000;
      const context = {
        awsRequestId: `${process.name}, ${begunAt}`,
        functionName: 'worker',
        getRemainingTimeInMillis: () => deadline - clock.now(),
      } as Context;
      process.handler({ Records: records }, context).then(
        (response) => end(invocation, response),
        (error: unknown) => {
          if (process.alive) onViolation(`the handler threw ${String(error)}`);
        },
      );
    },

    kill,

    deadline: (process) => (running.get(process)?.begunAt ?? 0) + TIMING.functionTimeoutSeconds * 1000,

    freeze: (process) => clearTimeout(running.get(process)?.timeout),
  };
}

import type { SQSRecord } from 'aws-lambda';
import { asRetryable, Retryable, UnreportedRejection, type Rejected } from '../core/errors.ts';
import { dirtyMessage } from '../core/notification.ts';
import type { ObjectRef } from '../core/object-ref.ts';
import type { Outcome } from '../core/outcome.ts';
import type { SourceIdentity } from '../core/source.ts';
import type { ConvertObject } from './convert-object.ts';
import type { SendDeadLetter } from './dead-letters.ts';
import type { FailureReports } from './failure-reports.ts';
import { outOfTime, type Invocation } from './invocation.ts';
import type { LogLocation } from './log-location.ts';
import type { Telemetry } from './telemetry.ts';

/** An attempt (from 1) at an object of a message. */
export interface Work {
  object: ObjectRef;
  record: SQSRecord;
  attempt: number;
  logs: LogLocation;
  invocation: Invocation;
}

export interface ProcessObject {
  /**
   * Converts the current object. Before it returns a rejection, stores its report and sends its dead letter.
   * @throws Retryable if a later attempt may succeed, and for unexpected errors; UnreportedRejection if a rejection's
   *   report or dead letter could not be stored
   */
  convert(work: Work): Promise<Outcome>;
  /** Ends the attempts at an object: stores its failure report, then sends its dead letter. */
  giveUp(work: Work, failure: Rejected, source?: SourceIdentity): Promise<'reported' | 'superseded' | 'gone'>;
}

interface ProcessObjectDeps {
  convertObject: ConvertObject;
  reports: FailureReports;
  sendDeadLetter: SendDeadLetter;
  telemetry: Telemetry;
}

export function createProcessObject({
  convertObject,
  reports,
  sendDeadLetter,
  telemetry,
}: ProcessObjectDeps): ProcessObject {
  async function giveUp(work: Work, failure: Rejected, source?: SourceIdentity) {
    const { object, record, attempt, logs } = work;
    const { code, message } = failure;
    const content = {
      status: 'failed',
      code,
      message,
      attempt,
      messageId: record.messageId,
      ...logs,
    } as const;
    const reported = await reports.store(object, content, source);
    if (reported.kind === 'gone' || reported.kind === 'superseded') return reported.kind;
    // The message was reported as failed. The next invocation that receives it sends the dead letter.
    if (work.invocation.hasResponded()) throw outOfTime();
    await sendDeadLetter(record, dirtyMessage(object), { code, message, attempts: attempt });
    return 'reported';
  }

  return {
    giveUp,

    async convert(work) {
      const outcome = await convertObject(work.object, work.invocation.inSlot).catch((error: unknown) => {
        throw asRetryable(error);
      });
      if (outcome.kind !== 'rejected') return outcome;
      const { error, source } = outcome;
      telemetry.warn('rejected', { code: error.code, reason: error.message }, error.cause);
      const reported = await giveUp(work, error, source).catch((failure: unknown) => {
        throw failure instanceof Retryable ? new UnreportedRejection(error, source, failure) : failure;
      });
      // A newer upload has its own message.
      return reported === 'reported' ? outcome : { kind: 'gone' };
    },
  };
}

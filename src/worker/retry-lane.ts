import { isConversionCode } from '../core/code-names.ts';
import { Rejected, Retryable, UnreportedRejection } from '../core/errors.ts';
import { dirtyMessage } from '../core/notification.ts';
import type { ObjectRef } from '../core/object-ref.ts';
import type { Outcome } from '../core/outcome.ts';
import { backoffSeconds } from './backoff.ts';
import type { ProcessRecord } from './batch-lane.ts';
import type { Config } from './config.ts';
import { countOutcome } from './count-outcome.ts';
import type { SendDeadLetter } from './dead-letters.ts';
import type { FailureReports, Reported } from './failure-reports.ts';
import { outOfTime } from './invocation.ts';
import { logLocation } from './log-location.ts';
import type { ProcessObject, Work } from './process-object.ts';
import { attributesOf, type Queues } from './queues.ts';
import type { RemoveResults } from './remove-results.ts';
import { receiveCount } from './record.ts';
import type { Telemetry } from './telemetry.ts';

interface RetryLaneDeps {
  config: Config;
  processObject: ProcessObject;
  reports: FailureReports;
  removeResults: RemoveResults;
  queues: Queues;
  sendDeadLetter: SendDeadLetter;
  telemetry: Telemetry;
  random: () => number;
}

/** Attempts to begin while the upload is deleted and stored again. */
const ROUNDS = 3;

/**
 * Processes one record of the retry queue, alone in its invocation. Each receive is an attempt.
 *
 * This lane takes no idempotency lock: a message is here because its earlier process died, failed or was slow, and the
 * lock of a dead process would defer every attempt until it expires. The conditional write makes a rare overlap
 * harmless (docs/adr/0004).
 */
export function createRetryLane(deps: RetryLaneDeps): ProcessRecord {
  const { config, processObject, reports, removeResults, queues, sendDeadLetter, telemetry, random } = deps;

  return async function processRecord(objects, record, invocation) {
    const [object, ...others] = objects;
    if (object === undefined) return;
    if (others.length > 0) {
      // Objects do not share attempts: each gets a separate message.
      for (const each of objects) {
        // The message was reported as failed, and the next invocation that receives it sends all of them.
        if (invocation.hasResponded()) throw outOfTime();
        await queues.sendToRetry({ body: dirtyMessage(each), attributes: attributesOf(record) });
      }
      return;
    }
    const attempt = receiveCount(record);
    const work = { object, record, attempt, logs: logLocation(invocation.context, config), invocation };
    await telemetry.within({ bucket: object.bucket, key: object.key, attempt }, async () => {
      const { outcome, report } = await tryOnce(work);
      if (!invocation.hasResponded()) await applyOutcome(work, outcome, report);
    });
  };

  async function applyOutcome(work: Work, outcome: Outcome, report: string | undefined): Promise<void> {
    if (outcome.kind === 'retry' && work.attempt >= config.maxAttempts)
      return exhaust(work, outcome.error, report);
    countOutcome(telemetry, outcome);
    if (outcome.kind !== 'retry') return;
    await queues.hideInRetry(work.record, backoffSeconds(work.attempt, random));
    throw outcome.error;
  }

  /** Also returns the ETag of the attempt's report, if it is still there. */
  async function tryOnce(work: Work): Promise<{ outcome: Outcome; report?: string | undefined }> {
    let report: string | undefined;
    try {
      for (let round = 1; round <= ROUNDS; round += 1) {
        const begun = await begin(work);
        if (begun.kind === 'superseded') return { outcome: { kind: 'gone' } };
        if (begun.kind === 'gone') {
          const removed = await removeResults(work.object);
          if (removed !== 'back') return { outcome: removed };
          continue;
        }
        report = begun.kind === 'stored' ? begun.etag : undefined;
        const outcome = await processObject.convert(work);
        if (outcome.kind !== 'rejected') await withdraw(work.object, report);
        return { outcome };
      }
      throw new Retryable('storage.contended', `the upload came and went ${ROUNDS} times`);
    } catch (error) {
      if (error instanceof Retryable) return { outcome: { kind: 'retry', error }, report };
      throw error;
    }
  }

  /** Stores a report that remains if this process dies. SQS moves the message after the last attempt. */
  function begin({ object, attempt, record, logs }: Work): Promise<Reported> {
    return reports.store(object, {
      status: 'attempting',
      code: 'process.died',
      message: `the process died during attempt ${attempt}: out of memory, crash or timeout`,
      attempt,
      messageId: record.messageId,
      ...logs,
    });
  }

  /** Removes the attempt's report. A leftover is harmless: the result belongs to the report's upload or a later one. */
  async function withdraw(object: ObjectRef, etag: string | undefined): Promise<void> {
    if (etag === undefined) return;
    try {
      await reports.withdraw(object, etag);
    } catch (error) {
      telemetry.warn('the report of the attempt could not be withdrawn', {}, error);
    }
  }

  async function exhaust(work: Work, error: Retryable, report: string | undefined): Promise<void> {
    // The rejection says more than the failure to report it.
    const rejection = error instanceof UnreportedRejection ? error.rejection : undefined;
    const message = `${work.attempt} attempts failed, the last one with ${error.code}: ${error.message}`;
    // The reason is then the conversion, not the environment.
    const isReason = error.code === 'conversion.timeout' || isConversionCode(error.code);
    const code = isReason ? error.code : 'retries.exhausted';
    const last = rejection ?? new Rejected(code, message, { cause: error });
    telemetry.error('attempts exhausted', { code: error.code, reason: error.message }, error);
    const rejected = { kind: 'rejected', error: last } as const;
    try {
      const reported = await processObject.giveUp(work, last, error.source);
      if (reported === 'reported') return countOutcome(telemetry, rejected);
      // Otherwise, the attempt's report would count again if the later upload were deleted.
      if (reported === 'superseded') {
        await withdraw(work.object, report);
        return countOutcome(telemetry, { kind: 'gone' });
      }
      // A deleted upload has no report, but leftover results must be reported.
      const removed = await removeResults(work.object);
      if (removed === 'back')
        throw new Retryable('storage.contended', 'the upload came back while its results were deleted');
      countOutcome(telemetry, removed);
    } catch (failure) {
      if (!(failure instanceof Retryable) || work.invocation.hasResponded()) throw failure;
      // If the report cannot be stored either, only the dead letter contains the reason.
      telemetry.warn('the failure report could not be stored', {}, failure);
      await sendDeadLetter(work.record, dirtyMessage(work.object), {
        code: last.code,
        message: last.message,
        attempts: work.attempt,
      });
      countOutcome(telemetry, rejected);
    }
  }
}

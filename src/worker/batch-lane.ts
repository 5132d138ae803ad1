import type { SQSRecord } from 'aws-lambda';
import { Retryable } from '../core/errors.ts';
import { dirtyMessage } from '../core/notification.ts';
import type { ObjectRef } from '../core/object-ref.ts';
import type { Outcome } from '../core/outcome.ts';
import { backoffSeconds } from './backoff.ts';
import type { Config } from './config.ts';
import { countOutcome } from './count-outcome.ts';
import type { Idempotency } from './idempotency.ts';
import { outOfTime, type Invocation } from './invocation.ts';
import { logLocation } from './log-location.ts';
import type { ProcessObject } from './process-object.ts';
import type { Queues } from './queues.ts';
import { requeueAttributes, MAX_REQUEUES, requeueCount } from './requeue-count.ts';
import type { Telemetry } from './telemetry.ts';

interface BatchLaneDeps {
  config: Config;
  idempotency: Idempotency;
  processObject: ProcessObject;
  queues: Queues;
  telemetry: Telemetry;
  random: () => number;
}

/**
 * Processes the objects of one record. Resolves if the record may be acknowledged; throws if it must be received again.
 */
export type ProcessRecord = (
  objects: ObjectRef[],
  record: SQSRecord,
  invocation: Invocation,
) => Promise<void>;

/** Processes records of the conversion queue that were not received before, many at the same time. */
export function createBatchLane(deps: BatchLaneDeps): ProcessRecord {
  const { config, idempotency, processObject, queues, telemetry, random } = deps;

  return async function processRecord(objects, record, invocation) {
    for (const object of objects) {
      await telemetry.within({ bucket: object.bucket, key: object.key }, async () => {
        const outcome = await attempt(object, record, invocation);
        if (invocation.hasResponded()) return;
        countOutcome(telemetry, outcome);
        await applyOutcome(object, record, outcome);
      });
    }
  };

  async function attempt(object: ObjectRef, record: SQSRecord, invocation: Invocation): Promise<Outcome> {
    try {
      if (!invocation.canBegin()) throw outOfTime();
      const work = { object, record, attempt: 1, logs: logLocation(invocation.context, config), invocation };
      const once = await idempotency.once(object, () => processObject.convert(work));
      switch (once.kind) {
        case 'ran':
          return once.value;
        case 'done before':
          return { kind: 'current' };
        case 'in progress':
          return { kind: 'deferred' };
      }
    } catch (error) {
      if (!(error instanceof Retryable)) throw error;
      const mayWait = error.code === 'batch.out_of_time' && requeueCount(record) < MAX_REQUEUES;
      return mayWait ? { kind: 'not begun' } : { kind: 'retry', error };
    }
  }

  async function applyOutcome(object: ObjectRef, record: SQSRecord, outcome: Outcome): Promise<void> {
    switch (outcome.kind) {
      case 'converted':
      case 'current':
      case 'gone':
      case 'ignored':
      case 'rejected':
        return;
      case 'retry':
        return queues.sendToRetry({ body: dirtyMessage(object), delaySeconds: backoffSeconds(1, random) });
      case 'not begun':
        // The object did not cause the delay: it goes back to the conversion queue as if it had never been received.
        return queues.sendToConversion({
          body: dirtyMessage(object),
          attributes: requeueAttributes(record),
        });
      case 'deferred':
        // If the process that holds the lock dies, this message makes sure that the object is converted.
        return queues.sendToRetry({ body: dirtyMessage(object), delaySeconds: backoffSeconds(2, random) });
    }
  }
}

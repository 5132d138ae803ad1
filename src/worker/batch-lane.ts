import type { Context, SQSRecord } from 'aws-lambda';
import { Retryable } from '../core/errors.ts';
import { dirtyMessage } from '../core/notification.ts';
import type { ObjectRef } from '../core/object-ref.ts';
import type { Outcome } from '../core/outcome.ts';
import { backoffSeconds } from './backoff.ts';
import type { Config } from './config.ts';
import { countOutcome } from './count-outcome.ts';
import type { Idempotency } from './idempotency.ts';
import { logPlace } from './log-place.ts';
import type { ProcessObject } from './process-object.ts';
import type { Queues } from './queues.ts';
import type { Telemetry } from './telemetry.ts';

interface BatchLaneDeps {
  config: Config;
  idempotency: Idempotency;
  processObject: ProcessObject;
  queues: Queues;
  telemetry: Telemetry;
  random: () => number;
}

/** Settles the objects of one record. Resolves when it may be acknowledged; throws when it must come again. */
export type SettleRecord = (objects: ObjectRef[], record: SQSRecord, context: Context) => Promise<void>;

/** Time to store the results of a conversion that used all its seconds, and to settle its record. */
const SETTLING_MILLISECONDS = 5000;

/** Settles the records of the conversion queue that were not received before, many in one process. */
export function createBatchLane(deps: BatchLaneDeps): SettleRecord {
  const { config, idempotency, processObject, queues, telemetry, random } = deps;

  return async function settleRecord(objects, record, context) {
    for (const object of objects) {
      await telemetry.within({ bucket: object.bucket, key: object.key }, async () => {
        const outcome = await attempt(object, record, context);
        countOutcome(telemetry, outcome);
        await settle(object, outcome);
      });
    }
  };

  async function attempt(object: ObjectRef, record: SQSRecord, context: Context): Promise<Outcome> {
    if (context.getRemainingTimeInMillis() < config.recipe.limits.seconds * 1000 + SETTLING_MILLISECONDS) {
      return {
        kind: 'retry',
        error: new Retryable('batch.out_of_time', 'the batch left too little time for it'),
      };
    }
    try {
      const work = { object, record, attempt: 1, logs: logPlace(context, config) };
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
      if (error instanceof Retryable) return { kind: 'retry', error };
      throw error;
    }
  }

  async function settle(object: ObjectRef, outcome: Outcome): Promise<void> {
    switch (outcome.kind) {
      case 'converted':
      case 'current':
      case 'gone':
      case 'rejected':
        return;
      case 'retry':
        return queues.sendToRetry({ body: dirtyMessage(object), delaySeconds: backoffSeconds(1, random) });
      case 'deferred':
        // Not acknowledged for good: if the holder dies, this message is what brings the object back.
        return queues.sendToRetry({ body: dirtyMessage(object), delaySeconds: backoffSeconds(2, random) });
    }
  }
}

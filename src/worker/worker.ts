import { createBatchLane } from './batch-lane.ts';
import { createConvertObject } from './convert-object.ts';
import { createSendDeadLetter } from './dead-letters.ts';
import type { Deps } from './deps.ts';
import { createFailureReports } from './failure-reports.ts';
import { createForward } from './forward.ts';
import { createHandler } from './handler.ts';
import type { Handler } from './lambda-handler.ts';
import { createIdempotency } from './idempotency.ts';
import { createIntake } from './intake.ts';
import { createProcessObject } from './process-object.ts';
import { createQueues } from './queues.ts';
import { createRemoveResults } from './remove-results.ts';
import { createRetryLane } from './retry-lane.ts';
import { createStorage } from './storage.ts';
import { createTelemetry } from './telemetry.ts';

/**
 * Wires the worker to its dependencies.
 * @param storage where uploads, results and reports are; by default, in S3
 */
export function createWorker(
  { config, s3, sqs, persistence, conversions, logger, metrics, random }: Deps,
  storage = createStorage(s3),
): Handler {
  const telemetry = createTelemetry(logger, metrics);
  const queues = createQueues(sqs, config);
  const idempotency = createIdempotency({ persistence, config, telemetry });
  const reports = createFailureReports({ storage, config });
  const removeResults = createRemoveResults({ config, storage, reports });
  const convertObject = createConvertObject({ config, storage, conversions, removeResults, telemetry });
  const sendDeadLetter = createSendDeadLetter(queues);
  const processObject = createProcessObject({ convertObject, reports, sendDeadLetter, telemetry });
  const shared = { config, processObject, queues, telemetry, random };
  const retryLane = createRetryLane({ ...shared, reports, removeResults, sendDeadLetter });
  return createHandler({
    config,
    forward: createForward(queues, telemetry),
    intake: createIntake({ config, sendDeadLetter, telemetry }),
    lanes: { batch: createBatchLane({ ...shared, idempotency }), retry: retryLane },
    idempotency,
    telemetry,
  });
}

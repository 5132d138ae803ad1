import { join } from 'node:path';
import { localClientConfig } from './client-config.ts';
import type { Clock, Machine } from './clock.ts';
import type { Faults, HttpHandler } from './faults.ts';
import type { Journal } from './journal.ts';
import { openBlobFolder } from './s3/blobs.ts';
import { knownPairs, secretsOfPairs } from './s3/credentials.ts';
import { createS3Handler, writeSlowDown } from './s3/handler.ts';
import { createS3Model, type S3Model } from './s3/model.ts';
import { openObjects, type LocalObjects } from './s3/objects.ts';
import type { Segment } from './s3/version.ts';
import { createSqsHandler, writeThrottled } from './sqs/handler.ts';
import { createSqsModel, type SqsModel } from './sqs/model.ts';

interface ServicesDeps {
  journal: Journal;
  clock: Clock;
  machine: Machine;
  faults: Faults | undefined;
  folder: string;
  fsync: boolean;
  /** Returns the services' address, which is known once they are served. */
  url(): string;
  onError(error: unknown): void;
}

export interface Services {
  s3: S3Model;
  objects: LocalObjects;
  sqs: SqsModel;
  handlers: { s3: HttpHandler; sqs: HttpHandler };
  /** Ends in-process work. Requests end with their server. */
  stop(): Promise<void>;
}

export const REGION = 'us-east-1';
const ACCOUNT = '000000000000';

/** Creates S3 and SQS from the journal, and connects S3's notifications to the queues. */
export async function openServices(deps: ServicesDeps): Promise<Services> {
  const { journal, clock, faults, onError } = deps;
  const shared = { clock, random: Math.random, journal, region: REGION };
  const chances =
    faults === undefined
      ? {}
      : { chooseOnReceive: faults.chooseOnReceive, duplicateOnReceive: faults.duplicateOnReceive };
  const sqs = createSqsModel({ ...shared, ...chances, accountId: ACCOUNT });
  await sqs.restore();
  const blobs = await openBlobFolder(join(deps.folder, 'blobs'), { fsync: deps.fsync });

  function deliver(queueArn: string, body: string): void {
    const queue = sqs.queueByArn(queueArn);
    if (queue === undefined) return;
    for (const delaySeconds of faults?.notificationDelays() ?? [0]) sqs.send(queue, { body, delaySeconds });
  }

  // Removes contents only after the removal of their last reference is on disk.
  function release(segments: readonly Segment[]): void {
    if (segments.length > 0)
      void journal
        .flush()
        .then(() => blobs.remove(segments))
        .catch(onError);
  }

  const queueExists = (arn: string) => sqs.queueByArn(arn) !== undefined;
  const s3 = createS3Model({ ...shared, deliver, queueExists, release });
  await s3.restore();

  const { credentials } = localClientConfig('');
  const s3Handler = createS3Handler({
    journal,
    onError,
    model: s3,
    blobs,
    // Signatures use the machine's clock.
    clock: { ...clock, now: deps.machine.wall },
    region: REGION,
    accountId: ACCOUNT,
    secretsOf: secretsOfPairs(knownPairs(credentials, process.env)),
  });
  const sqsHandler = createSqsHandler({
    journal,
    onError,
    model: sqs,
    baseUrl: deps.url,
    accountId: ACCOUNT,
  });
  return {
    s3,
    ...openObjects({ model: s3, blobs, journal }),
    sqs,
    handlers: {
      s3: faults?.disturb(s3Handler, writeSlowDown) ?? s3Handler,
      sqs: faults?.disturb(sqsHandler, writeThrottled) ?? sqsHandler,
    },
  };
}

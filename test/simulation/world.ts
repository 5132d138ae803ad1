import { createHash } from 'node:crypto';
import { SETTINGS } from '../../src/core/settings.ts';
import { noJournal } from '../../src/local/journal.ts';
import { seededRandom, type Random } from '../../src/local/random.ts';
import { BUCKETS } from '../../src/local/resources.ts';
import { createS3Model, type S3Model } from '../../src/local/s3/model.ts';
import { newest, type Bucket } from '../../src/local/s3/bucket.ts';
import type { Version } from '../../src/local/s3/version.ts';
import { createSqsModel, type SqsModel } from '../../src/local/sqs/model.ts';
import type { QueueState } from '../../src/local/sqs/queue.ts';
import type { VirtualClock } from './clock.ts';
import { envelope, together } from './envelopes.ts';
import type { Faults } from './faults.ts';
import { objectsIn } from './messages.ts';
import type { Scenario } from './scenario.ts';
import { createTable, type Table } from './table.ts';
import { createUploadHistory, type UploadHistory } from './upload-history.ts';
import { TIMING } from '../support/timing.ts';

/** The local models of S3, SQS and DynamoDB, with the pipeline's resources in them. */
export interface World {
  clock: VirtualClock;
  s3: S3Model;
  uploads: Bucket;
  results: Bucket;
  failures: Bucket;
  sqs: SqsModel;
  conversion: QueueState;
  retry: QueueState;
  dead: QueueState;
  table: Table;
  /** Stores an object as a whole, as a user's PUT does or under a condition. */
  put(bucket: Bucket, key: string, body: Uint8Array, options?: PutOptions): Version;
  current(bucket: Bucket, key: string): Version | undefined;
  contentOf(version: Version): Uint8Array;
  /** Bodies of all notifications so far. */
  notifications: string[];
  history: UploadHistory;
  /** Messages that are no notifications. */
  junkSent: number;
  /** By the very bytes of a result: those that it was made from, and for which rendition. */
  madeFrom: WeakMap<Uint8Array, { source: Uint8Array; rendition: string }>;
  /** The message was in an invocation, or a delivery, that a fault had struck. */
  disturb(messageId: string): void;
  /** The worker sent a message while it was at others. */
  sentFor(messageId: string, others: readonly string[]): void;
  /** How often a fault struck the message, or the one that it was sent for. */
  disturbancesOf(messageId: string): number;
}

interface PutOptions {
  metadata?: Record<string, string>;
  contentType?: string;
  ifMatch?: string;
  ifNoneMatch?: string;
}

interface WorldOptions {
  scenario: Scenario;
  clock: VirtualClock;
  faults: Faults;
  random: Random;
}

const REGION = 'us-east-1';
const LONGEST_DELAY_SECONDS = 600;

export function createWorld({ scenario, clock, faults, random }: WorldOptions): World {
  const contents = new Map<string, Uint8Array>();
  const disturbances = new Map<string, number>();
  const sentFor = new Map<string, readonly string[]>();
  const history = createUploadHistory();
  const notifications: string[] = [];
  let blobs = 0;

  const shared = { clock, random: seededRandom(scenario.seed + 1), journal: noJournal, region: REGION };
  const sqs = createSqsModel({
    ...shared,
    accountId: '0',
    chooseOnReceive: (visible) => Math.floor(random() * visible),
    duplicateOnReceive: () => faults.strikes('receivedTwice'),
  });
  const dead = sqs.createQueue(
    'dead',
    {
      MessageRetentionPeriod: String(SETTINGS.deadLetterRetentionSeconds),
    },
    {},
  );
  const attributes = {
    VisibilityTimeout: String(TIMING.visibilityTimeoutSeconds),
    MessageRetentionPeriod: String(SETTINGS.queueRetentionSeconds),
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: dead.arn,
      maxReceiveCount: SETTINGS.maxReceiveCount,
    }),
  };
  const conversion = sqs.createQueue('conversion', attributes, {});
  const retry = sqs.createQueue('retry', attributes, {});

  const s3 = createS3Model({
    ...shared,
    queueExists: () => true,
    deliver(_arn, body) {
      if (body.includes('s3:TestEvent')) return;
      notifications.push(body);
      const earlier = notifications[Math.floor(random() * notifications.length)] ?? body;
      for (let copy = faults.strikes('notificationTwice') ? 2 : 1; copy > 0; copy -= 1) {
        const delaySeconds = faults.strikes('notificationLate')
          ? Math.floor(random() * LONGEST_DELAY_SECONDS)
          : 0;
        const bundled = random() < 0.05;
        sqs.send(conversion, {
          body: bundled ? together(earlier, body) : envelope(body, random),
          delaySeconds,
        });
      }
    },
    release(segments) {
      for (const { id } of segments) contents.delete(id);
    },
  });
  for (const name of Object.values(BUCKETS)) s3.createBucket(name);
  const uploads = s3.bucket(BUCKETS.uploads);
  s3.changeSettings(uploads, {
    ...(scenario.versioned ? { versioning: 'Enabled' as const } : {}),
    notifications: [
      { id: 'n', queueArn: conversion.arn, events: ['s3:ObjectCreated:*'], prefix: '', suffix: '' },
    ],
  });

  const world: World = {
    clock,
    s3,
    uploads,
    results: s3.bucket(BUCKETS.results),
    failures: s3.bucket(BUCKETS.failures),
    sqs,
    conversion,
    retry,
    dead,
    table: createTable(clock),
    notifications,
    history,
    junkSent: 0,
    madeFrom: new WeakMap(),
    disturb: (messageId) => void disturbances.set(messageId, (disturbances.get(messageId) ?? 0) + 1),
    sentFor: (messageId, others) => void sentFor.set(messageId, others),
    disturbancesOf: (messageId) =>
      Math.max(...[messageId, ...(sentFor.get(messageId) ?? [])].map((id) => disturbances.get(id) ?? 0)),
    put(bucket, key, body, { metadata = {}, contentType = 'text/plain', ...conditions } = {}) {
      blobs += 1;
      const id = String(blobs);
      const version = s3.commit(
        s3.begin(bucket, key),
        {
          segments: [{ id, bytes: body.byteLength }],
          bytes: body.byteLength,
          etag: createHash('md5').update(body).digest('hex'),
          headers: { 'content-type': contentType },
          metadata,
          event: 'ObjectCreated:Put',
        },
        conditions,
      );
      contents.set(id, body);
      if (bucket === uploads) {
        const [object] = objectsIn(notifications.at(-1) ?? '');
        if (object?.key !== key) throw new Error('an upload without a notification');
        history.add(object, Buffer.from(body).toString(), clock.now());
      }
      return version;
    },
    current(bucket, key) {
      const version = newest(bucket, key);
      return version?.deleteMarker === true ? undefined : version;
    },
    contentOf: ({ segments }) => contents.get(segments[0]?.id ?? '') ?? new Uint8Array(),
  };
  return world;
}

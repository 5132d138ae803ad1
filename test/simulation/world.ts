import {
  type Bucket,
  createS3Model,
  createSqsModel,
  type Message,
  newest,
  noJournal,
  type QueueState,
  type Random,
  type S3Model,
  seededRandom,
  type SqsModel,
  type Version,
  type WriteConditions,
} from '@millrace/local-aws/models';
import { SETTINGS } from '../../src/core/settings.ts';
import { uploadEvents } from '../../src/core/upload-events.ts';
import { BUCKETS } from '../../src/local/resources.ts';
import type { VirtualClock } from './clock.ts';
import { envelope, named, together } from './envelopes.ts';
import type { Faults } from './faults.ts';
import { etagOf, withMark } from './marks.ts';
import { createObjectHistory, type ObjectHistory, type Versioning } from './object-history.ts';
import type { Content, Scenario } from './scenario.ts';
import { createMessageContents, type MessageContents } from './message-contents.ts';
import type { Coverage, Situation } from './coverage.ts';
import { createTable, type Table } from './table.ts';
import { createUploadHistory, type UploadHistory } from './upload-history.ts';
import { TIMING } from '../support/timing.ts';

/** The local models of S3, SQS and DynamoDB, with the pipeline's resources. */
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
  /** Uploads an object. */
  upload(key: string, content: Content): void;
  /** Stores an object in one request, like a user's PUT, or conditionally. */
  put(bucket: Bucket, key: string, body: Uint8Array, options?: PutOptions): Version;
  /** Deletes an object, or one version of it. */
  remove(bucket: Bucket, key: string, versionId?: string, conditions?: WriteConditions): void;
  /** Sets the versioning of the upload bucket. */
  setVersioning(versioning: Exclude<Versioning, 'never'>): void;
  /** Returns the object under a key in S3's model. */
  current(bucket: Bucket, key: string): Version | undefined;
  contentOf(version: Version): Uint8Array;
  /** Bodies of all notifications so far. */
  notifications: string[];
  /** Sends a notification to the conversion queue, in any envelope. */
  sendNotification(notification: string, delaySeconds?: number): void;
  /** The checks' own record of stored and deleted objects. */
  sources: ObjectHistory;
  stored: ObjectHistory;
  /** Of the failure bucket. */
  reports: ObjectHistory;
  history: UploadHistory;
  /** Dead letters that were removed with a copy or expired, by id. */
  setAside: Map<string, Message>;
  /** Dead letters that SQS expired without a copy. */
  dropped: Message[];
  messageContents: MessageContents;
  /** Messages that are not notifications. */
  junkSent: number;
  /** Counts a situation that a guarantee covers. */
  met(situation: Situation, times?: number): void;
  readonly coverage: Coverage;
  /** Records that a fault affected the message's invocation or delivery. */
  disturb(messageId: string): void;
  /** Records that other writers may have used up the message's attempt. */
  outrun(messageId: string): void;
  /** Records that the worker sent a message while working on others. */
  sentFor(messageId: string, others: readonly string[]): void;
  /** Returns how often faults affected the message, or those that it was sent for. */
  disturbancesOf(messageId: string): number;
  /** Returns the same, and how often other writers may have used up an attempt. */
  setbacksOf(messageId: string): number;
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
  const outruns = new Map<string, number>();
  const sentFor = new Map<string, readonly string[]>();
  const mostOf = (messageId: string, countOf: (id: string) => number) =>
    Math.max(...[messageId, ...(sentFor.get(messageId) ?? [])].map(countOf));
  const history = createUploadHistory();
  const messageContents = createMessageContents();
  const sources = createObjectHistory(clock);
  const stored = createObjectHistory(clock);
  const reports = createObjectHistory(clock);
  const notifications: string[] = [];
  /** The upload that S3 is processing. */
  let uploading = 0;
  let blobs = 0;
  const coverage: Coverage = {};

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
    deliver(_arn, event) {
      if (event.includes('s3:TestEvent')) return;
      const { body, key, deleted, ...ids } = named(event, scenario.naming);
      // A deletion's notification refers to the key's current object.
      const speaksOf = deleted ? { key } : { key, upload: uploading };
      if (!deleted) messageContents.uploaded({ key, upload: uploading, ...ids });
      messageContents.made(body, [speaksOf]);
      notifications.push(body);
      const earlier = notifications[Math.floor(random() * notifications.length)] ?? body;
      for (let copy = faults.strikes('notificationTwice') ? 2 : 1; copy > 0; copy -= 1) {
        const delaySeconds = faults.strikes('notificationLate')
          ? Math.floor(random() * LONGEST_DELAY_SECONDS)
          : 0;
        if (random() < 0.05) {
          const both = together(earlier, body);
          messageContents.made(both, [...messageContents.of(earlier), ...messageContents.of(body)]);
          sqs.send(conversion, { body: both, delaySeconds });
        } else sendNotification(body, delaySeconds);
      }
    },
    release(segments) {
      for (const { id } of segments) contents.delete(id);
    },
  });
  /** In any envelope. */
  function sendNotification(notification: string, delaySeconds = 0): void {
    const body = envelope(notification, random);
    messageContents.made(body, messageContents.of(notification));
    sqs.send(conversion, { body, delaySeconds });
  }

  for (const name of Object.values(BUCKETS)) s3.createBucket(name);
  const uploads = s3.bucket(BUCKETS.uploads);
  s3.changeSettings(uploads, {
    notifications: [
      {
        id: 'n',
        queueArn: conversion.arn,
        events: uploadEvents({ whenDeleted: scenario.deleting ? 'delete' : 'keep' }),
        prefix: '',
        suffix: '',
      },
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
    sendNotification,
    sources,
    stored,
    reports,
    history,
    setAside: new Map(),
    dropped: [],
    messageContents,
    junkSent: 0,
    coverage,
    met: (situation, times = 1) => void (coverage[situation] = (coverage[situation] ?? 0) + times),
    disturb: (messageId) => void disturbances.set(messageId, (disturbances.get(messageId) ?? 0) + 1),
    sentFor: (messageId, others) => void sentFor.set(messageId, others),
    outrun: (messageId) => void outruns.set(messageId, (outruns.get(messageId) ?? 0) + 1),
    disturbancesOf: (messageId) => mostOf(messageId, (id) => disturbances.get(id) ?? 0),
    setbacksOf: (messageId) =>
      mostOf(messageId, (id) => (disturbances.get(id) ?? 0) + (outruns.get(id) ?? 0)),
    put(bucket, key, body, { metadata = {}, contentType = 'text/plain', ...conditions } = {}) {
      blobs += 1;
      const id = String(blobs);
      const version = s3.commit(
        s3.begin(bucket, key),
        {
          segments: [{ id, bytes: body.byteLength }],
          bytes: body.byteLength,
          etag: etagOf(body),
          headers: { 'content-type': contentType },
          metadata,
          event: 'ObjectCreated:Put',
        },
        conditions,
      );
      contents.set(id, body);
      historyOf(bucket).stored(key, version.versionId, body);
      return version;
    },
    upload(key, content) {
      uploading = history.next();
      world.put(uploads, key, withMark(content, { upload: uploading }));
      history.uploaded(key, uploading, content, clock.now());
    },
    remove(bucket, key, versionId, conditions = {}) {
      const deleted = s3.delete(bucket, key, versionId, conditions);
      if (versionId === undefined) historyOf(bucket).deleted(key, deleted.versionId);
      else historyOf(bucket).removed(key, versionId);
      if (bucket === uploads) noteSource(key);
    },
    setVersioning(versioning) {
      s3.changeSettings(uploads, { versioning: versioning === 'enabled' ? 'Enabled' : 'Suspended' });
      sources.versioning = versioning;
    },
    current(bucket, key) {
      const version = newest(bucket, key);
      return version?.deleteMarker === true ? undefined : version;
    },
    contentOf: ({ segments }) => contents.get(segments[0]?.id ?? '') ?? new Uint8Array(),
  };
  if (scenario.versioned) world.setVersioning('enabled');
  return world;

  function historyOf(bucket: Bucket): ObjectHistory {
    return bucket === uploads ? sources : bucket === world.results ? stored : reports;
  }

  /** After a deletion, another upload may be current. */
  function noteSource(key: string): void {
    history.changed(key, sources.current(key)?.mark.upload, clock.now());
  }
}

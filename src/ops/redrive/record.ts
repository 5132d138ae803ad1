import { randomBytes } from 'node:crypto';
import {
  GetObjectCommand,
  NoSuchKey,
  paginateListObjectsV2,
  PutObjectCommand,
  S3ServiceException,
  type S3Client,
} from '@aws-sdk/client-s3';
import * as z from 'zod';
import { REDRIVES_PREFIX } from '../../core/own-objects.ts';
import type { OpsContext } from '../context.ts';

/** Who moved what, why, and what came of it: the audit of a redrive, and how others see and cancel it. */
export const redriveRecordSchema = z.object({
  version: z.literal(1),
  id: z.string(),
  /** `handed over`: SQS moves the messages by itself, in a move task. */
  state: z.enum(['running', 'done', 'stopped', 'cancelled', 'interrupted', 'failed', 'handed over']),
  /** Why it stopped. */
  reason: z.string().optional(),
  who: z.string(),
  why: z.string(),
  /** The request, in words a person can read. */
  what: z.string(),
  /** ISO 8601. */
  startedAt: z.string(),
  updatedAt: z.string(),
  cancelRequested: z.boolean(),
  counts: z.object({
    moved: z.int(),
    converted: z.int(),
    failedAgain: z.int(),
    gone: z.int(),
    pending: z.int(),
  }),
  /** What a redrive that was asked for by the interface is to do, for whoever runs it. */
  request: z
    .object({
      filter: z.object({
        code: z.string().optional(),
        prefix: z.string().optional(),
        key: z.string().optional(),
        since: z.iso.datetime().optional(),
      }),
      canary: z.int().optional(),
      rate: z.int().optional(),
      stopIfFailing: z.number(),
    })
    .optional(),
  /** Runs of it that were begun. */
  runs: z.int().optional(),
});

export type RedriveRecord = z.infer<typeof redriveRecordSchema>;
export type RedriveState = RedriveRecord['state'];

/** Ids sort by time, and nobody can guess one. */
function newRedriveId(now: Date): string {
  return `${now.toISOString().replaceAll(/[:.]/g, '-')}-${randomBytes(6).toString('hex')}`;
}

/** The first state of a record: nothing is moved yet. */
export function newRecord(
  about: Pick<RedriveRecord, 'who' | 'why' | 'what'> & Partial<RedriveRecord>,
): RedriveRecord {
  const now = new Date();
  return {
    version: 1,
    id: newRedriveId(now),
    state: 'running',
    startedAt: now.toISOString(),
    updatedAt: now.toISOString(),
    cancelRequested: false,
    counts: { moved: 0, converted: 0, failedAgain: 0, gone: 0, pending: 0 },
    ...about,
  };
}

export type Place = { s3: S3Client } & Pick<OpsContext, 'deployment'>;
interface Stored {
  record: RedriveRecord;
  etag: string;
}

/** What `newRedriveId` makes. */
const RECORD_KEY = /\/\d{4}-\d\d-\d\dT[\d-]+Z-[0-9a-f]{12}\.json$/;

function keyOf(id: string): string {
  return `${REDRIVES_PREFIX}${id}.json`;
}

async function read({ s3, deployment }: Place, Key: string): Promise<Stored> {
  const { Body, ETag = '' } = await s3.send(new GetObjectCommand({ Bucket: deployment.failureBucket, Key }));
  return {
    record: redriveRecordSchema.parse(JSON.parse((await Body?.transformToString()) ?? '')),
    etag: ETag,
  };
}

async function write({ s3, deployment }: Place, record: RedriveRecord, etag?: string): Promise<string> {
  const { ETag = '' } = await s3.send(
    new PutObjectCommand({
      Bucket: deployment.failureBucket,
      Key: keyOf(record.id),
      Body: JSON.stringify(record, undefined, 2),
      ContentType: 'application/json',
      ...(etag === undefined ? { IfNoneMatch: '*' } : { IfMatch: etag }),
    }),
  );
  return ETag;
}

/** The record of a redrive that is under way, as its runner writes it. */
export interface OpenRecord {
  /** Writes what changed. Answers whether somebody asked to cancel. */
  update(change: Partial<RedriveRecord>): Promise<boolean>;
}

/** Writes the first state of a record: before anything is moved, so that no redrive goes without one. */
export async function openRecord(place: Place, first: RedriveRecord): Promise<OpenRecord> {
  try {
    return opened(place, { record: first, etag: await write(place, first) });
  } catch (error) {
    // Nobody else knows this id: the first try has stored it, and its answer was lost.
    if (!isConflict(error)) throw error;
    return opened(place, await read(place, keyOf(first.id)));
  }
}

function opened(place: Place, first: Stored): OpenRecord {
  let stored = first;
  return {
    async update(change) {
      stored = await changeRecord(place, stored, () => ({ ...change, updatedAt: new Date().toISOString() }));
      return stored.record.cancelRequested;
    },
  };
}

/**
 * Takes a redrive on, as its run of that number, counted from 0. Undefined when it is over, or somebody else has:
 * an invocation may come twice.
 */
export async function takeRecordOn(
  place: Place,
  id: string,
  run: number,
): Promise<{ record: RedriveRecord; kept: OpenRecord } | undefined> {
  for (;;) {
    const { record, etag } = await read(place, keyOf(id));
    if (record.state !== 'running' || record.runs !== run) return undefined;
    const taken = { ...record, runs: run + 1, updatedAt: new Date().toISOString() };
    try {
      return { record: taken, kept: opened(place, { record: taken, etag: await write(place, taken, etag) }) };
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
}

/** @returns undefined when there is no such redrive */
export async function findRecord(place: Place, id: string): Promise<RedriveRecord | undefined> {
  try {
    return (await read(place, keyOf(id))).record;
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}

/** Somebody else changed the record meanwhile. */
function isConflict(error: unknown): boolean {
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
  return status === 412 || status === 409;
}

/** Changes a record, again upon what somebody else made of it meanwhile. */
async function changeRecord(
  place: Place,
  from: Stored,
  change: (record: RedriveRecord) => Partial<RedriveRecord>,
): Promise<Stored> {
  let stored = from;
  for (;;) {
    const record = { ...stored.record, ...change(stored.record) };
    try {
      return { record, etag: await write(place, record, stored.etag) };
    } catch (error) {
      if (!isConflict(error)) throw error;
      stored = await read(place, keyOf(record.id));
    }
  }
}

/** Asks a running redrive to stop. @returns whether it was running */
export async function requestCancel(place: Place, id: string): Promise<boolean> {
  const stored = await read(place, keyOf(id));
  if (stored.record.state !== 'running') return false;
  await changeRecord(place, stored, () => ({ cancelRequested: true }));
  return true;
}

/** The latest records, the newest first. */
export async function listRecords(place: Place, most: number): Promise<RedriveRecord[]> {
  let latest: string[] = [];
  const pages = paginateListObjectsV2(
    { client: place.s3 },
    { Bucket: place.deployment.failureBucket, Prefix: REDRIVES_PREFIX },
  );
  for await (const { Contents = [] } of pages)
    latest = [...latest, ...Contents.map(({ Key = '' }) => Key).filter((key) => RECORD_KEY.test(key))].slice(
      -most,
    );
  const stored = await Promise.all(latest.toReversed().map((key) => readIfRecord(place, key)));
  return stored.flatMap((each) => each ?? []);
}

/** An upload of such a key that fails has its report there: that is no record. */
async function readIfRecord(place: Place, key: string): Promise<RedriveRecord | undefined> {
  try {
    return (await read(place, key)).record;
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError || error instanceof NoSuchKey)
      return undefined;
    throw error;
  }
}

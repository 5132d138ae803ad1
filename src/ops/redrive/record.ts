import { randomBytes, randomUUID } from 'node:crypto';
import { GetObjectCommand, NoSuchKey, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { putIf, type Expected } from '../../core/compare-and-set.ts';
import { REDRIVES_PREFIX } from '../../core/reserved-prefixes.ts';
import { redriveRecordSchema, type RedriveRecord } from '../../core/redrive-record.ts';
import type { OpsContext } from '../context.ts';

/** Where records of redrives are stored. */
export type RedriveStore = Pick<OpsContext, 's3' | 'deployment'>;

interface Stored {
  record: RedriveRecord;
  etag: string;
}

/** Matches the end of a key that `newRedriveId` generated. */
const RECORD_KEY = /\/\d{4}-\d\d-\d\dT[\d-]+Z-[0-9a-f]{12}\.json$/;

/** Returns an id that sorts by time and cannot be guessed. */
function newRedriveId(now: Date): string {
  return `${now.toISOString().replaceAll(/[:.]/g, '-')}-${randomBytes(6).toString('hex')}`;
}

/** Returns the record of a new redrive. */
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

function keyOf(id: string): string {
  return `${REDRIVES_PREFIX}${id}.json`;
}

async function read({ s3, deployment }: RedriveStore, Key: string): Promise<Stored> {
  const { Body, ETag = '' } = await s3.send(new GetObjectCommand({ Bucket: deployment.failureBucket, Key }));
  return {
    record: redriveRecordSchema.parse(JSON.parse((await Body?.transformToString()) ?? '')),
    etag: ETag,
  };
}

/** @returns undefined if another process changed or stored the record in the meantime */
async function write(
  { s3, deployment }: RedriveStore,
  record: RedriveRecord,
  expected: Expected,
): Promise<Stored | undefined> {
  const { etag } = await putIf(s3, expected, {
    Bucket: deployment.failureBucket,
    Key: keyOf(record.id),
    Body: JSON.stringify(record, undefined, 2),
    ContentType: 'application/json',
  });
  return etag === undefined ? undefined : { record, etag };
}

/** The record of a running redrive, for the process that runs it. */
export interface OpenRecord {
  /** Writes a change. Returns whether the redrive was canceled. */
  update(change: Partial<RedriveRecord>): Promise<boolean>;
}

/** Stores a new record, before any message is moved. */
export async function openRecord(store: RedriveStore, first: RedriveRecord): Promise<OpenRecord> {
  // The id is unique: if the record exists, an earlier try stored it and its response was lost.
  return opened(store, (await write(store, first, 'absent')) ?? (await read(store, keyOf(first.id))));
}

function opened(store: RedriveStore, first: Stored): OpenRecord {
  let stored = first;
  return {
    async update(change) {
      stored = await changeRecord(store, stored, () => ({ ...change, updatedAt: new Date().toISOString() }));
      return stored.record.cancelRequested;
    },
  };
}

/**
 * Starts the run with this number, counted from 0. Returns undefined if the redrive is over or the run was already
 * started: Lambda may deliver an invocation twice.
 */
export async function takeRecordOn(
  store: RedriveStore,
  id: string,
  run: number,
): Promise<{ record: RedriveRecord; kept: OpenRecord } | undefined> {
  const runner = randomUUID();
  for (;;) {
    const found = await read(store, keyOf(id));
    const { record } = found;
    if (record.state !== 'running') return undefined;
    // An earlier try stored it, and its response was lost.
    if (record.runner === runner) return { record, kept: opened(store, found) };
    if (record.runs !== run) return undefined;
    const taking = { ...record, runs: run + 1, runner, updatedAt: new Date().toISOString() };
    const taken = await write(store, taking, found);
    if (taken !== undefined) return { record: taking, kept: opened(store, taken) };
  }
}

/** @returns undefined if the redrive does not exist */
export async function findRecord(store: RedriveStore, id: string): Promise<RedriveRecord | undefined> {
  try {
    return (await read(store, keyOf(id))).record;
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}

/** Changes a record. If another process changed it in the meantime, applies the change to the new state. */
async function changeRecord(
  store: RedriveStore,
  from: Stored,
  change: (record: RedriveRecord) => Partial<RedriveRecord>,
): Promise<Stored> {
  let stored = from;
  for (;;) {
    const record = { ...stored.record, ...change(stored.record) };
    const written = await write(store, record, stored);
    if (written !== undefined) return written;
    stored = await read(store, keyOf(record.id));
  }
}

/** A process that runs a redrive updates the record every few seconds. Without updates for this long, it has died. */
const SILENT_MILLISECONDS = 10 * 60_000;

/** Requests that a running redrive stops; ends a redrive whose process died. @returns whether it was running */
export async function requestCancel(store: RedriveStore, id: string): Promise<boolean> {
  const stored = await read(store, keyOf(id));
  if (stored.record.state !== 'running') return false;
  await changeRecord(store, stored, ({ updatedAt }) => {
    if (Date.now() - Date.parse(updatedAt) < SILENT_MILLISECONDS) return { cancelRequested: true };
    return {
      cancelRequested: true,
      state: 'cancelled',
      reason: `its process has not updated it since ${updatedAt}`,
    };
  });
  return true;
}

/** Returns the latest records, newest first. */
export async function listRecords(store: RedriveStore, most: number): Promise<RedriveRecord[]> {
  let latest: string[] = [];
  const pages = paginateListObjectsV2(
    { client: store.s3 },
    { Bucket: store.deployment.failureBucket, Prefix: REDRIVES_PREFIX },
  );
  for await (const { Contents = [] } of pages)
    latest = [...latest, ...Contents.map(({ Key = '' }) => Key).filter((key) => RECORD_KEY.test(key))].slice(
      -most,
    );
  const stored = await Promise.all(latest.toReversed().map((key) => readIfRecord(store, key)));
  return stored.flatMap((each) => each ?? []);
}

/** Returns undefined for an object that is not a record, such as the report of a failed upload with such a key. */
async function readIfRecord(store: RedriveStore, key: string): Promise<RedriveRecord | undefined> {
  try {
    return (await read(store, key)).record;
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError || error instanceof NoSuchKey)
      return undefined;
    throw error;
  }
}

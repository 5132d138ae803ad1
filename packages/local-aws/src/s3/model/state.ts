import type { Clock } from '../../clock.ts';
import type { Journal } from '../../journal.ts';
import type { Random } from '../../random.ts';
import type { Bucket } from '../bucket.ts';
import type { MultipartUpload } from '../multipart.ts';
import type { Segment, Version } from '../version.ts';

export interface S3ModelOptions {
  clock: Clock;
  random: Random;
  journal: Journal;
  region: string;
  /** Sends a notification to a queue, synchronously. */
  deliver(queueArn: string, body: string): void;
  /** Returns whether a queue can receive events. */
  queueExists(queueArn: string): boolean;
  /** Called with content that no version or part uses anymore. */
  release(segments: readonly Segment[]): void;
}

/** A write in progress, which records whether its key was deleted before it commits. */
export interface PendingWrite {
  readonly bucket: string;
  readonly key: string;
  deletedSince: boolean;
}

/** What a completed upload became. */
export type CompletedUpload = Pick<Version, 'key' | 'etag' | 'versionId'> & { bucket: string; parts: string };

/** The model's state and its dependencies. */
export interface S3State extends S3ModelOptions {
  readonly buckets: Map<string, Bucket>;
  readonly uploads: Map<string, MultipartUpload>;
  /** The latest completed uploads, by id. A restart forgets them. */
  readonly completed: Map<string, CompletedUpload>;
  readonly pending: Set<PendingWrite>;
  /** The last assigned sequence of a version. */
  sequence: number;
  /** The latest stored time. */
  latest: number;
}

export function createState(options: S3ModelOptions): S3State {
  return {
    ...options,
    buckets: new Map(),
    uploads: new Map(),
    completed: new Map(),
    pending: new Set(),
    sequence: 0,
    latest: 0,
  };
}

const ID_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._';

export function newId({ random }: S3State): string {
  return Array.from({ length: 32 }, () => ID_ALPHABET[Math.floor(random() * ID_ALPHABET.length)]).join('');
}

/** Derived from the clock, so that no sequence is reused after a restart, even if versions were deleted before it. */
export function nextSequence(state: S3State): number {
  state.sequence = Math.max(state.sequence + 1, state.clock.now());
  return state.sequence;
}

/** Returns a time that never goes back, even if the clock does, because views compare these times. */
export function storedAt(state: S3State): number {
  state.latest = Math.max(state.latest, state.clock.now());
  return state.latest;
}

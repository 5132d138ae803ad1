import { defined } from '../../core/defined.ts';
import type { RedriveRecord } from '../../core/redrive-record.ts';
import type { OpsContext } from '../context.ts';
import type { Source } from './choose.ts';
import { createFollower, type Followed, type Follower, type Following } from './follow.ts';
import { createStop, type Stop } from './stop.ts';

export interface MoveRequest {
  source: Source;
  /** Moves this many first, and the rest only if they do not fail again. */
  canary?: number;
  /** Messages a second. */
  rate?: number;
  /** Stops when more than this share of what has come to an end has failed again: 0 to 1. */
  stopIfFailing: number;
  /** Follows each object to its end; else only while others are moved. */
  wait: boolean;
  /** Stops waiting after this many seconds: for the canary, and once all is moved. */
  timeout?: number;
  /** Where an earlier run of the same redrive stood when it ended. */
  before?: Progress;
}

/** How far a redrive has come: what its next run must know, beside the counts in its record. */
export interface Progress {
  canaryOver: boolean;
  /** When all of the canary was moved: ISO 8601. */
  canaryMovedAt?: string | undefined;
  /** When all was moved: ISO 8601. */
  movedAt?: string | undefined;
  /** How many SQS refused by then. */
  refused?: number | undefined;
  /** How many others hid until then. */
  unseen?: number | undefined;
  /** What was moved and has no end yet. */
  following: Following[];
}

/** A redrive under way: what its steps share, and what each of them leaves for the next. */
export interface Redrive {
  readonly ops: OpsContext;
  readonly id: string;
  readonly request: MoveRequest;
  readonly stop: Stop;
  readonly follower: Follower;
  /** Whether somebody must know what becomes of the messages. */
  readonly follows: boolean;
  onFollowed(followed: Followed): void;
  readonly counts: RedriveRecord['counts'];
  canaryOver: boolean;
  canaryMovedAt: string | undefined;
  movedAt: string | undefined;
  /** Messages that SQS refused in this run, and has not taken since. */
  readonly refused: Set<string>;
  unseen: number;
}

/** @param counts of an earlier run; they are kept up to date */
export function beginRedrive(
  ops: OpsContext,
  id: string,
  request: MoveRequest,
  interrupted: AbortSignal,
  counts: RedriveRecord['counts'],
  onFollowed: (followed: Followed) => void,
): Redrive {
  const { canary, stopIfFailing: share, wait, before } = request;
  return {
    ops,
    id,
    request,
    stop: createStop(interrupted),
    follower: createFollower(ops, id, before?.following),
    follows: wait || canary !== undefined || share < 1,
    onFollowed,
    counts,
    canaryOver: before?.canaryOver ?? false,
    canaryMovedAt: before?.canaryMovedAt,
    movedAt: before?.movedAt,
    refused: new Set(),
    unseen: before?.unseen ?? 0,
  };
}

/** Returns how many messages SQS has refused in all runs. */
export function refusedInAll({ request, refused }: Redrive): number {
  return (request.before?.refused ?? 0) + refused.size;
}

/** Returns what the next run must know. */
export function progressOf(redrive: Redrive): Progress {
  const { canaryOver, canaryMovedAt, movedAt, unseen, follower } = redrive;
  return {
    canaryOver,
    ...defined({ canaryMovedAt }),
    // Until all is moved, the next run meets again what was not.
    ...(movedAt === undefined ? {} : { movedAt, refused: refusedInAll(redrive), unseen }),
    following: follower.following(),
  };
}

import { defined } from '../../core/defined.ts';
import type { RedriveRecord } from '../../core/redrive-record.ts';
import type { OpsContext } from '../context.ts';
import type { Source } from './choose.ts';
import { createFollower, type Followed, type Follower, type Following } from './follow.ts';
import { createStop, type Stop } from './stop.ts';

export interface MoveRequest {
  source: Source;
  /** Moves this many messages first, and the rest only if these succeed. */
  canary?: number;
  /** Messages per second. */
  rate?: number;
  /** Stops when more than this share (0 to 1) of the objects with an outcome has failed again. */
  stopIfFailing: number;
  /** Whether to follow each object to its outcome. Otherwise objects are followed only while messages are moved. */
  wait: boolean;
  /** Seconds to wait for outcomes, once for the canary and once after all messages are moved. */
  timeout?: number;
  /** The progress of the previous run of the same redrive. */
  before?: Progress;
}

/** The progress that the next run of a redrive needs, in addition to the counts in its record. */
export interface Progress {
  canaryOver: boolean;
  /** When the whole canary was moved: ISO 8601. */
  canaryMovedAt?: string | undefined;
  /** When all messages were moved: ISO 8601. */
  movedAt?: string | undefined;
  /** How many messages SQS refused until then. */
  refused?: number | undefined;
  /** How many messages other readers hid until then. */
  unseen?: number | undefined;
  /** Moved objects without an outcome. */
  following: Following[];
}

/** A running redrive: the state that its steps share. */
export interface Redrive {
  readonly ops: OpsContext;
  readonly id: string;
  readonly request: MoveRequest;
  readonly stop: Stop;
  readonly follower: Follower;
  /** Whether the outcomes of moved messages are needed. */
  readonly follows: boolean;
  onFollowed(followed: Followed): void;
  readonly counts: RedriveRecord['counts'];
  canaryOver: boolean;
  canaryMovedAt: string | undefined;
  movedAt: string | undefined;
  /** Messages that SQS refused in this run and has not accepted since. */
  readonly refused: Set<string>;
  unseen: number;
}

/** @param counts those of earlier runs; updated in place */
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
export function totalRefused({ request, refused }: Redrive): number {
  return (request.before?.refused ?? 0) + refused.size;
}

/** Returns the progress for the next run. */
export function progressOf(redrive: Redrive): Progress {
  const { canaryOver, canaryMovedAt, movedAt, unseen, follower } = redrive;
  return {
    canaryOver,
    ...defined({ canaryMovedAt }),
    // Until all messages are moved, the next run counts these again.
    ...(movedAt === undefined ? {} : { movedAt, refused: totalRefused(redrive), unseen }),
    following: follower.following(),
  };
}

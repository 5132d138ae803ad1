import type { DeadLetterGroups, Redrive, Redrives, Summary } from '../../contract/types.ts';
import { ApiError } from '../../client/api-error.ts';
import { reasonOf } from '../shared/api.ts';
import { repeat } from '../shared/repeat.ts';
import { api } from './api.ts';

/** Milliseconds between two updates. */
const PAUSE = 4000;
const PAUSE_WHILE_REDRIVING = 1000;
/**
 * The list of dead letters requires reading the whole queue, so it is updated when its length changes or at this age.
 */
const GROUPS_EVERY = 60_000;
const REDRIVES_EVERY = 30_000;
const SAMPLES = 60;
const SILENT_AFTER = 120_000;

/** The server's data that the page shows. */
export interface Seen {
  summary?: Summary;
  groups?: DeadLetterGroups;
  /** When the groups were read. Milliseconds since the epoch. */
  groupsAt: number;
  redrives: readonly Redrive[];
  moveTasks: Redrives['moveTasks'];
  /** Waiting messages and dead letters at the latest updates. */
  samples: { depth: number[]; deadLetters: number[] };
  /** Why the last update failed, for people; empty if it succeeded. */
  trouble: string;
  /** The server does not allow this user to operate. */
  forbidden: boolean;
}

export interface Watch {
  readonly seen: Seen;
  /** Reads the dead letters again soon. */
  reread(): void;
  /** Shows and follows a redrive that has just started or changed. */
  follow(redrive: Redrive): void;
}

export function isRunning({ state }: Redrive): boolean {
  return state === 'running';
}

/** Milliseconds since a running redrive was last updated, if its runner may have died. */
export function silenceOf(redrive: Redrive): number | undefined {
  const silence = Date.now() - Date.parse(redrive.updatedAt);
  return isRunning(redrive) && silence > SILENT_AFTER ? silence : undefined;
}

function isAlive(redrive: Redrive): boolean {
  return isRunning(redrive) && silenceOf(redrive) === undefined;
}

export function watchOperations(onChange: () => void): Watch {
  const seen: Seen = {
    groupsAt: 0,
    redrives: [],
    moveTasks: [],
    samples: { depth: [], deadLetters: [] },
    trouble: '',
    forbidden: false,
  };
  /** Failed requests, by kind. */
  const troubles = new Map<string, unknown>();
  let groupsOf = -1;
  let rereadAsked = true;
  let readingGroups = false;
  let redrivesAt = Number.NEGATIVE_INFINITY;

  async function look(): Promise<void> {
    await tried('summary', async () => {
      await readSummary();
      if (performance.now() - redrivesAt > REDRIVES_EVERY) await readRedrives();
      if (groupsDue()) void readGroups();
    });
    onChange();
  }

  async function readSummary(): Promise<void> {
    const hiding = api.readsQueue();
    const summary = await api.summary();
    // Messages that this page is reading are hidden, not gone.
    if (hiding || api.readsQueue()) summary.deadLetters = seen.summary?.deadLetters ?? summary.deadLetters;
    seen.summary = summary;
    note(seen.samples.depth, depthOf(summary));
    note(seen.samples.deadLetters, summary.deadLetters);
  }

  async function readRedrives(): Promise<void> {
    const { redrives, moveTasks } = await api.redrives();
    Object.assign(seen, { redrives, moveTasks });
    redrivesAt = performance.now();
  }

  /** While a redrive runs, the page does not read the queue unnecessarily. */
  function groupsDue(): boolean {
    if (readingGroups) return false;
    const changed = !api.readsQueue() && seen.summary?.deadLetters !== groupsOf;
    const stale = changed || Date.now() - seen.groupsAt > GROUPS_EVERY;
    return rereadAsked || (stale && !seen.redrives.some(isAlive));
  }

  async function readGroups(): Promise<void> {
    readingGroups = true;
    rereadAsked = false;
    groupsOf = seen.summary?.deadLetters ?? -1;
    const read = await tried('letters', async () => {
      seen.groups = await api.groups();
      seen.groupsAt = Date.now();
    });
    rereadAsked ||= !read;
    readingGroups = false;
    onChange();
  }

  async function followRunning(): Promise<void> {
    const running = seen.redrives.filter(isRunning);
    if (running.length === 0) return;
    await tried('redrives', async () => {
      for (const redrive of await Promise.all(running.map(({ id }) => api.redriven(id)))) replace(redrive);
    });
    onChange();
  }

  function replace(redrive: Redrive): void {
    const others = seen.redrives.filter(({ id }) => id !== redrive.id);
    const isNew = others.length === seen.redrives.length;
    seen.redrives = isNew
      ? [redrive, ...others]
      : seen.redrives.map((each) => (each.id === redrive.id ? redrive : each));
    if (!isRunning(redrive)) reread();
  }

  async function tried(source: string, what: () => Promise<void>): Promise<boolean> {
    try {
      await what();
      troubles.delete(source);
    } catch (error) {
      troubles.set(source, error);
    }
    const [trouble] = troubles.values();
    seen.trouble = trouble === undefined ? '' : reasonOf(trouble);
    seen.forbidden = trouble instanceof ApiError && trouble.status === 403;
    return !troubles.has(source);
  }

  function reread(): void {
    rereadAsked = true;
    looking.now();
  }

  const looking = repeat(look, () => PAUSE);
  const following = repeat(followRunning, () =>
    seen.redrives.some(isRunning) ? PAUSE_WHILE_REDRIVING : PAUSE,
  );
  return {
    seen,
    reread,
    follow(redrive) {
      replace(redrive);
      following.now();
      onChange();
    },
  };
}

/** Everything that is waiting or being converted. */
export function depthOf({ queues: { conversion, retry } }: Summary): number {
  return lengthOf(conversion) + lengthOf(retry);
}

export function lengthOf({ visible, inFlight, delayed }: Summary['queues']['retry']): number {
  return visible + inFlight + delayed;
}

function note(samples: number[], value: number): void {
  samples.push(value);
  if (samples.length > SAMPLES) samples.shift();
}

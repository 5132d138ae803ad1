import type { Model } from './explore.ts';

/** How workers propagate deletions to results (docs/adr/0032), and simpler alternatives. */
export interface Propagation {
  /** Whether the deletion of a result states the ETag that was read. */
  conditional: boolean;
  /** Whether the result is checked before the source. */
  resultFirst: boolean;
  /** Whether a worker checks the source again after it has deleted a result. */
  looksAfterDeletion: boolean;
  /** Whether a worker checks the source again after it has stored a result. */
  looksAfterWrite: boolean;
  /** Whether results of equal contents differ. */
  stamped: boolean;
  /**
   * The effect of S3's notification of a deleted version: it must not count as a duplicate of that version's upload.
   */
  deletionMessage: 'looks' | 'is a duplicate of the upload';
}

export const CHOSEN: Propagation = {
  conditional: true,
  resultFirst: true,
  looksAfterDeletion: true,
  looksAfterWrite: true,
  stamped: true,
  deletionMessage: 'looks',
};

/** What may happen to one key. Upload n has the nth letter as its contents. */
export interface Bounds {
  uploads: string;
  /** Deletions by a delete marker. */
  deletions: number;
  /** Permanent deletions of the newest version, after which the previous version is the source again. */
  versionDeletions: number;
  /** Removals of a delete marker, for which S3 sends no notification. */
  undeletions: number;
  workers: number;
  duplicates: number;
  crashes: number;
  /** How often a message is received again while its worker continues. */
  overlaps: number;
}

/** A number names an upload; NONE is no object. */
const NONE = -1;

interface Worker {
  at: 'idle' | 'begun' | 'seen' | 'ready' | 'unsure' | 'stored' | 'deleting' | 'deleted';
  result: number;
  source: number;
  /** Whether its message was received again. */
  overlapped: boolean;
}

interface State {
  uploaded: number;
  /** The key's versions, oldest first. */
  versions: number[];
  /** Whether a delete marker hides the versions. */
  hidden: boolean;
  /** Whether the source was restored as the same version. Its result may then be taken for a deleted upload's. */
  back: boolean;
  result: number;
  messages: number;
  deletions: number;
  versionDeletions: number;
  undeletions: number;
  duplicates: number;
  crashes: number;
  overlaps: number;
  workers: Worker[];
}

const IDLE: Worker = { at: 'idle', result: NONE, source: NONE, overlapped: false };

export function modelOf(propagation: Propagation, bounds: Bounds): Model<State> {
  function etag(upload: number): string {
    if (upload === NONE) return 'absent';
    return propagation.stamped ? `${bounds.uploads[upload]} of ${upload}` : `${bounds.uploads[upload]}`;
  }

  function* steps(state: State, index: number): Generator<{ label: string; state: State }> {
    const worker = state.workers[index] ?? IDLE;
    const source = sourceOf(state);
    const to = (label: string, next: Worker, changes: Partial<State> = {}) => ({
      label: `worker ${index + 1} ${label}`,
      state: { ...state, ...changes, workers: state.workers.with(index, next) },
    });
    const again = worker.overlapped ? {} : { messages: state.messages + 1 };
    const fromTheStart: Worker = { ...IDLE, at: 'begun', overlapped: worker.overlapped };
    const afterWrite: Worker = propagation.looksAfterWrite ? { ...worker, at: 'stored' } : IDLE;
    const afterDeletion: Worker = propagation.looksAfterDeletion ? { ...worker, at: 'deleted' } : IDLE;
    /** Returns what a worker does once it has read both. */
    const afterBoth = (label: string, seen: Worker) => {
      if (seen.source !== NONE)
        return seen.source === seen.result
          ? to(`${label}: the result is current`, IDLE)
          : to(label, { ...seen, at: 'ready' });
      return seen.result === NONE
        ? to(`${label}: there is neither`, IDLE)
        : to(`${label}: it is gone`, { ...seen, at: 'deleting' });
    };
    switch (worker.at) {
      case 'idle':
        if (state.messages > 0)
          yield to('receives a message', { ...IDLE, at: 'begun' }, { messages: state.messages - 1 });
        return;
      case 'begun':
        if (propagation.resultFirst)
          yield to('looks at the result', { ...worker, at: 'seen', result: state.result });
        else yield to('looks at the source', { ...worker, at: 'seen', source });
        break;
      case 'seen':
        if (propagation.resultFirst) yield afterBoth('looks at the source', { ...worker, source });
        else yield afterBoth('looks at the result', { ...worker, result: state.result });
        break;
      case 'ready':
        if (etag(state.result) === etag(worker.result)) {
          yield to('stores its result', afterWrite, { result: worker.source });
          yield to(
            'stores its result and gets no answer',
            { ...worker, at: 'unsure' },
            { result: worker.source },
          );
        } else yield to('is refused', { ...worker, at: 'unsure' });
        break;
      case 'unsure':
        if (state.result === worker.source) yield to('finds its own result', afterWrite);
        else yield to('begins again', fromTheStart);
        break;
      case 'stored':
        if (source === worker.source) yield to('finds the source as it was', IDLE);
        else yield to('finds another source or none, and begins again', fromTheStart);
        break;
      case 'deleting':
        if (!propagation.conditional || etag(state.result) === etag(worker.result)) {
          yield to('deletes the result', afterDeletion, { result: NONE });
          yield to('deletes the result and gets no answer', IDLE, { ...again, result: NONE });
        } else if (state.result === NONE) yield to('finds the result deleted', afterDeletion);
        else yield to('is refused, and begins again', fromTheStart);
        break;
      case 'deleted':
        if (source === NONE) yield to('finds no source again', IDLE);
        else yield to('finds a source, and begins again', fromTheStart);
    }
    if (state.overlaps > 0 && !worker.overlapped)
      yield to(
        'is still at work when its message is received again',
        { ...worker, overlapped: true },
        { messages: state.messages + 1, overlaps: state.overlaps - 1 },
      );
    if (state.crashes > 0) yield to('crashes', IDLE, { ...again, crashes: state.crashes - 1 });
  }

  return {
    initial: {
      uploaded: 0,
      versions: [],
      hidden: false,
      back: false,
      result: NONE,
      messages: 0,
      deletions: bounds.deletions,
      versionDeletions: bounds.versionDeletions,
      undeletions: bounds.undeletions,
      duplicates: bounds.duplicates,
      crashes: bounds.crashes,
      overlaps: bounds.overlaps,
      workers: Array.from({ length: bounds.workers }, () => IDLE),
    },

    // Workers are interchangeable.
    encode: ({ workers, ...others }) =>
      `${JSON.stringify(Object.values(others))};` +
      workers
        .map(({ at, result, source, overlapped }) => `${at} ${result},${source},${overlapped}`)
        .toSorted((a, b) => (a < b ? -1 : 1))
        .join(';'),

    *next(state) {
      const { uploaded, versions, hidden, messages } = state;
      if (uploaded < bounds.uploads.length)
        yield {
          label: `${bounds.uploads[uploaded]} is uploaded`,
          state: {
            ...state,
            uploaded: uploaded + 1,
            versions: [...versions, uploaded],
            hidden: false,
            back: false,
            messages: messages + 1,
          },
        };
      if (sourceOf(state) !== NONE && state.deletions > 0)
        yield {
          label: 'the upload is deleted',
          state: { ...state, hidden: true, messages: messages + 1, deletions: state.deletions - 1 },
        };
      if (sourceOf(state) !== NONE && state.versionDeletions > 0)
        yield {
          label: 'the newest version is deleted',
          state: {
            ...state,
            versions: versions.slice(0, -1),
            back: true,
            messages: messages + (propagation.deletionMessage === 'looks' ? 1 : 0),
            versionDeletions: state.versionDeletions - 1,
          },
        };
      if (hidden && state.undeletions > 0) {
        const undeleted = { ...state, hidden: false, back: true, undeletions: state.undeletions - 1 };
        // S3 sends no notification. The reconciliation finds an upload without a result.
        const queued = sourceOf(undeleted) === state.result ? 0 : 1;
        yield { label: 'the delete marker is removed', state: { ...undeleted, messages: messages + queued } };
      }
      if (state.duplicates > 0 && uploaded > 0)
        yield {
          label: 'a message comes again',
          state: { ...state, duplicates: state.duplicates - 1, messages: messages + 1 },
        };
      for (const index of state.workers.keys()) yield* steps(state, index);
    },

    violation(before, after) {
      const state = after ?? before;
      const source = sourceOf(state);
      if (isQuiet(state) && source !== state.result)
        return source === NONE
          ? `all is quiet, and the result of upload ${state.result + 1} has no source`
          : `all is quiet, and upload ${source + 1} does not have its result`;
      const wasCurrent = sourceOf(before) !== NONE && before.result === sourceOf(before);
      // Without a stamp, a new upload with equal contents can be taken for the deleted one. Its result is made again.
      return wasCurrent && after?.result === NONE && !before.back && propagation.stamped
        ? `the result of upload ${before.result + 1} was deleted`
        : undefined;
    },
  };
}

/** The current upload. */
function sourceOf({ versions, hidden }: State): number {
  return hidden ? NONE : (versions.at(-1) ?? NONE);
}

/** Returns whether nothing more happens without an upload, deletion or message. */
function isQuiet({ messages, workers }: State): boolean {
  return messages === 0 && workers.every(({ at }) => at === 'idle');
}

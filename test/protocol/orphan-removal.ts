import type { Model } from './explore.ts';

/** Orphan removal (docs/adr/0016), and simpler alternatives. */
export interface Removing {
  /** Whether the deletion states the ETag of the result that was read. */
  conditional: boolean;
  /** Whether the result is checked before the source. */
  resultFirst: boolean;
  /** Whether the source is checked again after the deletion, and queued if it exists. */
  looksAgain: boolean;
  /** Whether results of equal contents differ. */
  stamped: boolean;
  /** Whether workers check the source again after a write, as they do for results without a stamp (docs/adr/0025). */
  workersLookAgain: boolean;
}

export const CHOSEN: Removing = {
  conditional: true,
  resultFirst: true,
  looksAgain: true,
  stamped: true,
  workersLookAgain: false,
};

/** What may happen to one key. Upload n has the nth letter as its contents. */
export interface Bounds {
  uploads: string;
  deletions: number;
  undeletions: number;
  workers: number;
  duplicates: number;
  removals: number;
  /** Whether workers identify an upload by its version, and keep its result. */
  versioned: boolean;
}

/** A number names an upload; NONE is no object. */
const NONE = -1;

interface Worker {
  at: 'idle' | 'begun' | 'seen' | 'ready' | 'unsure' | 'stored';
  result: number;
  source: number;
}

interface Remover {
  at: 'idle' | 'looked' | 'sure' | 'deleted';
  /** The result as it was read. */
  result: number;
}

interface State {
  uploaded: number;
  source: number;
  /** The source was deleted, and was restored as the same version. */
  undeleted: boolean;
  result: number;
  messages: number;
  deletions: number;
  undeletions: number;
  duplicates: number;
  removals: number;
  workers: Worker[];
  remover: Remover;
}

const IDLE: Worker = { at: 'idle', result: NONE, source: NONE };
const AT_REST: Remover = { at: 'idle', result: NONE };

export function modelOf(removing: Removing, bounds: Bounds): Model<State> {
  function etag(upload: number): string {
    if (upload === NONE) return 'absent';
    return removing.stamped ? `${bounds.uploads[upload]} of ${upload}` : `${bounds.uploads[upload]}`;
  }

  function* workerSteps(state: State, index: number): Generator<{ label: string; state: State }> {
    const worker = state.workers[index] ?? IDLE;
    const to = (label: string, next: Worker, changes: Partial<State> = {}) => ({
      label: `worker ${index + 1} ${label}`,
      state: { ...state, ...changes, workers: state.workers.with(index, next) },
    });
    const afterWrite: Worker = removing.workersLookAgain ? { ...worker, at: 'stored' } : IDLE;
    switch (worker.at) {
      case 'idle':
        if (state.messages > 0)
          yield to('receives a message', { ...IDLE, at: 'begun' }, { messages: state.messages - 1 });
        return;
      case 'begun':
        yield to('looks at the result', { ...worker, at: 'seen', result: state.result });
        return;
      case 'seen':
        if (state.source === NONE) yield to('finds no source', IDLE);
        else if (bounds.versioned && state.source === worker.result) yield to('leaves the result', IDLE);
        else yield to('reads the source', { ...worker, at: 'ready', source: state.source });
        return;
      case 'ready':
        if (etag(state.result) === etag(worker.result))
          yield to('stores its result', afterWrite, { result: worker.source });
        else yield to('is refused', { ...worker, at: 'unsure' });
        return;
      case 'unsure':
        if (state.result === worker.source) yield to('finds its own result', afterWrite);
        else yield to('begins again', { ...IDLE, at: 'begun' });
        return;
      case 'stored':
        if (state.source === NONE) yield to('finds no source any more', IDLE);
        else if (state.source === worker.source) yield to('finds the source as it was', IDLE);
        else yield to('finds another source, and begins again', { ...IDLE, at: 'begun' });
    }
  }

  function* removerSteps(state: State): Generator<{ label: string; state: State }> {
    const { remover, result, source } = state;
    const to = (label: string, next: Remover, changes: Partial<State> = {}) => ({
      label: `the remover ${label}`,
      state: { ...state, ...changes, remover: next },
    });
    const lookAtResult = (next: Remover['at']) =>
      result === NONE ? to('finds no result', AT_REST) : to('looks at the result', { at: next, result });
    const lookAtSource = (next: Remover['at']) =>
      source === NONE ? to('finds no source', { ...remover, at: next }) : to('finds the source', AT_REST);
    const look = removing.resultFirst ? [lookAtResult, lookAtSource] : [lookAtSource, lookAtResult];
    switch (remover.at) {
      case 'idle': {
        const begun = look[0]?.('looked');
        if (state.removals > 0 && begun !== undefined)
          yield { ...begun, state: { ...begun.state, removals: state.removals - 1 } };
        return;
      }
      case 'looked': {
        const looked = look[1]?.('sure');
        if (looked !== undefined) yield looked;
        return;
      }
      case 'sure': {
        const after: Remover = removing.looksAgain ? { ...AT_REST, at: 'deleted' } : AT_REST;
        if (!removing.conditional || etag(result) === etag(remover.result))
          yield to('deletes the result', after, { result: NONE });
        else yield to('is refused', result === NONE ? after : AT_REST);
        return;
      }
      case 'deleted':
        if (source === NONE) yield to('finds no source again', AT_REST);
        else yield to('queues the source that is back', AT_REST, { messages: state.messages + 1 });
    }
  }

  return {
    initial: {
      uploaded: 0,
      source: NONE,
      undeleted: false,
      result: NONE,
      messages: 0,
      deletions: bounds.deletions,
      undeletions: bounds.undeletions,
      duplicates: bounds.duplicates,
      removals: bounds.removals,
      workers: Array.from({ length: bounds.workers }, () => IDLE),
      remover: AT_REST,
    },

    // Workers are interchangeable.
    encode: ({ workers, remover, ...others }) =>
      `${Object.values(others).join()};${remover.at} ${remover.result};` +
      workers
        .map(({ at, result, source }) => `${at} ${result},${source}`)
        .toSorted((a, b) => (a < b ? -1 : 1))
        .join(';'),

    *next(state) {
      const { uploaded, source, result, messages } = state;
      if (uploaded < bounds.uploads.length) {
        const upload = { uploaded: uploaded + 1, source: uploaded, undeleted: false, messages: messages + 1 };
        yield { label: `${bounds.uploads[uploaded]} is uploaded`, state: { ...state, ...upload } };
      }
      if (source !== NONE && state.deletions > 0)
        yield {
          label: 'the upload is deleted',
          state: { ...state, source: NONE, undeleted: false, deletions: state.deletions - 1 },
        };
      if (source === NONE && uploaded > 0 && state.undeletions > 0) {
        const back = uploaded - 1;
        const undeletion = { source: back, undeleted: true, undeletions: state.undeletions - 1 };
        // S3 sends no notification. The reconciliation finds only uploads without a result.
        const queued = result === back ? 0 : 1;
        yield {
          label: 'the deletion is undone',
          state: { ...state, ...undeletion, messages: messages + queued },
        };
      }
      if (state.duplicates > 0 && uploaded > 0) {
        const changes = { duplicates: state.duplicates - 1, messages: messages + 1 };
        yield { label: 'a message comes again', state: { ...state, ...changes } };
      }
      for (const index of state.workers.keys()) yield* workerSteps(state, index);
      yield* removerSteps(state);
    },

    violation(before, after) {
      const { source, result } = after ?? before;
      if (source !== NONE && result !== source && isQuiet(after ?? before))
        return `all is quiet, and upload ${source + 1} has no result`;
      const removed = before.source !== NONE && before.result === before.source && after?.result === NONE;
      // Without a stamp, the result of an upload with equal contents can be taken for the orphan; it is then made
      // again.
      return removed && !before.undeleted && !removing.workersLookAgain
        ? `the result of upload ${before.source + 1} was removed`
        : undefined;
    },
  };
}

/** Returns whether nothing more happens without an upload, deletion or message. */
function isQuiet({ messages, workers, remover }: State): boolean {
  return messages === 0 && remover.at === 'idle' && workers.every(({ at }) => at === 'idle');
}

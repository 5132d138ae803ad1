import type { Model } from './explore.ts';

/** The protocol of docs/adr/0003, and the simpler ones that it was chosen over. */
export interface Protocol {
  /** Whether a write names the ETag of the result that was seen. */
  conditional: boolean;
  /** Whether a result's ETag is of its upload, and not of its content only. */
  stamped: boolean;
  /** Whether the result is looked at before the source is read. */
  resultFirst: boolean;
  /** When a worker leaves a result as it is. */
  skips: 'same upload' | 'same content' | 'never' | 'result of a later upload';
}

export const CHOSEN: Protocol = { conditional: true, stamped: true, resultFirst: true, skips: 'same upload' };

/** What may happen to one key. Upload n has the nth letter as its content. */
export interface Bounds {
  uploads: string;
  workers: number;
  duplicates: number;
  crashes: number;
}

/** A number names an upload; NONE is no object. */
const NONE = -1;

interface Worker {
  at: 'idle' | 'begun' | 'read' | 'ready' | 'unsure';
  result: number;
  source: number;
}

interface State {
  uploaded: number;
  /** The upload that the result derives from. */
  result: number;
  /** Messages that may be received. They say no more than that the key may be dirty. */
  messages: number;
  duplicates: number;
  crashes: number;
  workers: Worker[];
}

const IDLE: Worker = { at: 'idle', result: NONE, source: NONE };

export function modelOf(protocol: Protocol, bounds: Bounds): Model<State> {
  const content = (upload: number) => bounds.uploads[upload];
  const etag = (upload: number) => (protocol.stamped || upload === NONE ? upload : content(upload));

  function skips({ result, source }: Worker): boolean {
    switch (protocol.skips) {
      case 'same upload':
        return result === source;
      case 'same content':
        return result !== NONE && content(result) === content(source);
      case 'result of a later upload':
        return result >= source;
      case 'never':
        return false;
    }
  }

  /** Both have been looked at, in whichever order. */
  const decide = (worker: Worker): Worker => (skips(worker) ? IDLE : { ...worker, at: 'ready' });

  function* steps(state: State, index: number): Generator<{ label: string; state: State }> {
    const worker = state.workers[index] ?? IDLE;
    const to = (label: string, next: Worker, changes: Partial<State> = {}) => ({
      label: `worker ${index + 1} ${label}`,
      state: { ...state, ...changes, workers: state.workers.with(index, next) },
    });
    const latest = state.uploaded - 1;
    switch (worker.at) {
      case 'idle':
        if (state.messages > 0)
          yield to('receives a message', { ...IDLE, at: 'begun' }, { messages: state.messages - 1 });
        return;
      case 'begun':
        if (protocol.resultFirst)
          yield to('looks at the result', { ...worker, at: 'read', result: state.result });
        else yield to('reads the source', { ...worker, at: 'read', source: latest });
        break;
      case 'read':
        if (protocol.resultFirst) yield to('reads the source', decide({ ...worker, source: latest }));
        else yield to('looks at the result', decide({ ...worker, result: state.result }));
        break;
      case 'ready':
        if (!protocol.conditional || etag(state.result) === etag(worker.result)) {
          yield to('stores its result', IDLE, { result: worker.source });
          yield to(
            'stores its result and gets no answer',
            { ...worker, at: 'unsure' },
            { result: worker.source },
          );
        } else {
          yield to('is refused', { ...worker, at: 'unsure' });
        }
        break;
      case 'unsure':
        // The stamp tells whose the result is.
        if (etag(state.result) === etag(worker.source)) yield to('finds its own result', IDLE);
        else yield to('begins again', { ...IDLE, at: 'begun' });
        break;
    }
    if (state.crashes > 0)
      yield to('crashes', IDLE, { crashes: state.crashes - 1, messages: state.messages + 1 });
  }

  return {
    initial: {
      uploaded: 0,
      result: NONE,
      messages: 0,
      duplicates: bounds.duplicates,
      crashes: bounds.crashes,
      workers: Array.from({ length: bounds.workers }, () => IDLE),
    },

    // Which worker does what makes no difference.
    encode: ({ uploaded, result, messages, duplicates, crashes, workers }) =>
      `${uploaded},${result},${messages},${duplicates},${crashes};` +
      workers
        .map(({ at, result: seen, source }) => `${at} ${seen},${source}`)
        .toSorted((a, b) => (a < b ? -1 : 1))
        .join(';'),

    *next(state) {
      if (state.uploaded < bounds.uploads.length) {
        const label = `${content(state.uploaded)} is uploaded`;
        yield { label, state: { ...state, uploaded: state.uploaded + 1, messages: state.messages + 1 } };
      }
      if (state.duplicates > 0 && state.uploaded > 0) {
        const changes = { duplicates: state.duplicates - 1, messages: state.messages + 1 };
        yield { label: 'a message comes again', state: { ...state, ...changes } };
      }
      for (const index of state.workers.keys()) yield* steps(state, index);
    },

    violation(before, after) {
      const latest = before.uploaded - 1;
      if (after === undefined)
        return before.result === latest
          ? undefined
          : `all is done, and the result is of upload ${before.result + 1}`;
      const regressed =
        before.result === latest &&
        latest !== NONE &&
        after.uploaded === before.uploaded &&
        after.result !== latest;
      return regressed ? `the latest result was replaced by that of upload ${after.result + 1}` : undefined;
    },
  };
}

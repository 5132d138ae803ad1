import type { Model } from './explore.ts';

/** The protocol of docs/adr/0003 for an upload with several results, on a bucket without versions. */
export interface Protocol {
  /**
   * Which results a worker that starts over does not store again, if their contents are right: those that it has
   * stored in this attempt, any, or none.
   */
  keeps: 'its own' | 'any' | 'none';
}

export const CHOSEN: Protocol = { keeps: 'its own' };

/** What may happen to one key. Upload n has the nth letter as its contents. */
export interface Bounds {
  uploads: string;
  results: number;
  workers: number;
  duplicates: number;
  crashes: number;
  /** How many writes take effect without a response. */
  unanswered: number;
  /** How often a worker may start over, if that is checked. */
  rounds?: number;
}

const NONE = -1;

interface Worker {
  at: 'idle' | 'begun' | 'checked' | 'ready';
  source: number;
  /** For each result: the upload that it was of when it was checked. */
  seen: readonly number[];
  /** Whether it was written since. Each write has its own stamp, so the condition then fails. */
  changed: readonly boolean[];
  /** What is still to be stored in this round. */
  toDo: readonly boolean[];
  /** Which results need no more writes in this round. */
  stored: readonly boolean[];
  /** How often it has started over. */
  round: number;
}

interface State {
  uploaded: number;
  /** The upload that each result is of. */
  results: readonly number[];
  messages: number;
  duplicates: number;
  crashes: number;
  unanswered: number;
  workers: readonly Worker[];
}

export function modelOf(protocol: Protocol, bounds: Bounds): Model<State> {
  const each = <T>(value: T): T[] => Array.from({ length: bounds.results }, () => value);
  const idle: Worker = {
    at: 'idle',
    source: NONE,
    seen: [],
    changed: [],
    toDo: [],
    stored: each(false),
    round: 0,
  };
  const hasSameContents = (upload: number, other: number) => bounds.uploads[upload] === bounds.uploads[other];

  function afterReading(worker: Worker, latest: number): Worker {
    const stored = worker.seen.map((upload, index) => {
      const isKept =
        protocol.keeps === 'any' || (protocol.keeps === 'its own' && worker.stored[index] === true);
      return isKept && upload !== NONE && hasSameContents(upload, latest);
    });
    return { ...worker, at: 'ready', source: latest, stored, toDo: stored.map((is) => !is) };
  }

  /** Returns the state after a worker's write of a result: the other workers' conditions no longer hold. */
  function written(state: State, index: number, result: number, next: Worker): State {
    return {
      ...state,
      results: state.results.with(result, next.source),
      workers: state.workers.map((worker, other) => {
        if (other === index) return next;
        return worker.changed.length === 0
          ? worker
          : { ...worker, changed: worker.changed.with(result, true) };
      }),
    };
  }

  function* steps(state: State, index: number): Generator<{ label: string; state: State }> {
    const worker = state.workers[index] ?? idle;
    const name = `worker ${index + 1}`;
    const to = (label: string, next: Worker, changes: Partial<State> = {}) => ({
      label: `${name} ${label}`,
      state: { ...state, ...changes, workers: state.workers.with(index, next) },
    });
    switch (worker.at) {
      case 'idle':
        if (state.messages > 0)
          yield to('receives a message', { ...idle, at: 'begun' }, { messages: state.messages - 1 });
        return;
      case 'begun':
        yield to('checks the results', {
          ...worker,
          at: 'checked',
          seen: state.results,
          changed: each(false),
        });
        break;
      case 'checked':
        yield to('reads the source', afterReading(worker, state.uploaded - 1));
        break;
      case 'ready': {
        for (const [result, isToDo] of worker.toDo.entries()) {
          if (!isToDo) continue;
          const tried = { ...worker, toDo: worker.toDo.with(result, false) };
          if (worker.changed[result] === true) {
            yield to(`is refused result ${result + 1}`, tried);
            continue;
          }
          const next = { ...tried, stored: worker.stored.with(result, true) };
          yield { label: `${name} stores result ${result + 1}`, state: written(state, index, result, next) };
          if (state.unanswered > 0)
            yield {
              label: `${name} stores result ${result + 1} and does not know it`,
              state: written({ ...state, unanswered: state.unanswered - 1 }, index, result, tried),
            };
        }
        if (worker.toDo.includes(true)) break;
        if (worker.stored.includes(false))
          yield to('starts over', {
            ...worker,
            at: 'begun',
            seen: [],
            changed: [],
            toDo: [],
            round: worker.round + 1,
          });
        else yield to('is done', idle);
        break;
      }
    }
    if (state.crashes > 0)
      yield to('crashes', idle, { crashes: state.crashes - 1, messages: state.messages + 1 });
  }

  return {
    initial: {
      uploaded: 0,
      results: each(NONE),
      messages: 0,
      duplicates: bounds.duplicates,
      crashes: bounds.crashes,
      unanswered: bounds.unanswered,
      workers: Array.from({ length: bounds.workers }, () => idle),
    },

    // Workers are interchangeable. Without a bound, rounds would make endless states.
    encode: ({ workers, ...others }) =>
      JSON.stringify(Object.values(others)) +
      workers
        .map(({ round, ...worker }) =>
          JSON.stringify([Object.values(worker), bounds.rounds === undefined ? 0 : round]),
        )
        .toSorted()
        .join(''),

    *next(state) {
      const { uploaded, messages, duplicates } = state;
      if (uploaded < bounds.uploads.length)
        yield {
          label: `${bounds.uploads[uploaded]} is uploaded`,
          state: { ...state, uploaded: uploaded + 1, messages: messages + 1 },
        };
      if (duplicates > 0 && uploaded > 0)
        yield {
          label: 'a message comes again',
          state: { ...state, duplicates: duplicates - 1, messages: messages + 1 },
        };
      for (const index of state.workers.keys()) yield* steps(state, index);
    },

    violation(before, after) {
      const latest = before.uploaded - 1;
      if (after === undefined) {
        const wrong = before.results.findIndex((upload) => upload !== latest);
        return wrong < 0 ? undefined : `all is done, and result ${wrong + 1} is not of the latest upload`;
      }
      if (after.workers.some(({ round }) => round > (bounds.rounds ?? Infinity)))
        return `a worker starts over more than ${bounds.rounds} times`;
      if (after.uploaded !== before.uploaded) return undefined;
      const replaced = before.results.findIndex(
        (upload, result) => upload === latest && latest !== NONE && after.results[result] !== latest,
      );
      return replaced < 0 ? undefined : `result ${replaced + 1} of the latest upload was replaced`;
    },
  };
}

import type { Model } from './explore.ts';

/** The protocol of docs/adr/0003, 0013 and 0025, and simpler alternatives. */
export interface Protocol {
  /** Whether a write states the ETag of the result that was read. */
  conditional: boolean;
  /** What a result's bytes contain: its upload, and the recipe generation that it was made with. */
  stamp: 'upload and generation' | 'upload' | 'none';
  /** Whether the result is checked before the source is read. */
  resultFirst: boolean;
  /** When a worker keeps a result of its own generation. */
  skips: 'same upload' | 'same content' | 'never' | 'result of a later upload';
  /** How a worker detects that a result was made with a different recipe. */
  recipes: 'by generation' | 'by name';
  /** What a worker does about a result of a newer generation that may belong to another upload. */
  newer: 'hands its message on' | 'acknowledges' | 'replaces it';
  /**
   * When a worker reads the source's identity again after its write, and starts over if it has changed: if its result
   * has no stamp, or also if the result that it replaced has none. A result's metadata says whether it has one.
   */
  looksAgain: 'never' | 'without a stamp' | 'unless both have a stamp';
}

export const CHOSEN: Protocol = {
  conditional: true,
  stamp: 'upload and generation',
  resultFirst: true,
  skips: 'same upload',
  recipes: 'by generation',
  newer: 'hands its message on',
  looksAgain: 'unless both have a stamp',
};

/** For results that cannot contain a stamp. */
export const UNSTAMPED: Protocol = { ...CHOSEN, stamp: 'none' };

/** What a protocol guarantees in addition to the end state, in which the latest upload has its result. */
interface Promises {
  /** Once the latest upload's result exists, no other result replaces it. */
  keepsLatest: boolean;
  /** No older generation's result replaces a newer one's, and a backfill ends with the newest. */
  keepsYoungest: boolean;
}

/** Without a stamp, equal contents or a rollback repeat ETags, so that the condition of a late write holds. */
function promisesOf({ uploads, recipes }: Bounds, unstamped: boolean): Promises {
  const keepsLatest = !unstamped || new Set(uploads).size === uploads.length;
  const keepsYoungest = !unstamped || new Set(recipes).size === recipes.length;
  return { keepsLatest: keepsLatest && keepsYoungest, keepsYoungest };
}

/**
 * What may happen to one key. Upload n has the nth letter as its contents; generation n has the nth letter as its
 * recipe.
 */
export interface Bounds {
  uploads: string;
  recipes: string;
  /** The recipes whose results contain no stamp, whatever the protocol says. */
  unstamped?: string;
  workers: number;
  duplicates: number;
  crashes: number;
  /**
   * How often a message is received again while its worker continues: SQS delivers it twice, the worker is frozen, or
   * only its write is still in progress. If that worker then crashes, its message is not delivered again.
   */
  overlaps?: number;
  /**
   * Whether an operator runs one after each deployment: immediately, or after the last invocation of older versions.
   */
  backfill: false | 'at once' | 'later';
}

/** A number names an upload; NONE is no object. */
const NONE = -1;

interface Result {
  upload: number;
  /** The generation that the result was made with. */
  generation: number;
}

const ABSENT: Result = { upload: NONE, generation: NONE };

interface Worker {
  at: 'idle' | 'begun' | 'read' | 'ready' | 'unsure' | 'stored';
  /** The generation that its invocation runs. */
  generation: number;
  result: Result;
  source: number;
  /** Whether its message was received again. */
  overlapped: boolean;
}

interface State {
  uploaded: number;
  /** The deployed recipe's generation. */
  deployed: number;
  /** The deployment is in progress: older versions are still invoked. */
  deploying: boolean;
  /** It is over, but results of older generations are not queued for the deployed one yet. */
  unfilled: boolean;
  result: Result;
  /** Messages that may be received. They only say that the key may be dirty. */
  messages: number;
  duplicates: number;
  crashes: number;
  overlaps: number;
  workers: Worker[];
}

const IDLE: Worker = { at: 'idle', generation: NONE, result: ABSENT, source: NONE, overlapped: false };

export function modelOf(protocol: Protocol, bounds: Bounds): Model<State> {
  const content = (upload: number) => bounds.uploads[upload];
  const recipe = (generation: number) => bounds.recipes[generation];
  const unstamped = protocol.stamp === 'none' ? bounds.recipes : (bounds.unstamped ?? '');
  const hasStamp = (generation: number) => !unstamped.includes(recipe(generation) ?? '');
  const mayLackStamp = unstamped !== '';
  const promises = promisesOf(bounds, mayLackStamp);

  /** Determined only by the bytes: without the stamp, equal contents and equal recipes give equal results. */
  function etag({ upload, generation }: Result): string {
    if (upload === NONE) return 'absent';
    const bytes = `${content(upload)} by ${recipe(generation)}`;
    if (!hasStamp(generation)) return bytes;
    return protocol.stamp === 'upload' ? `${bytes} of ${upload}` : `${bytes} of ${upload} in ${generation}`;
  }

  function isSkipped({ result, source }: Worker): boolean {
    switch (protocol.skips) {
      case 'same upload':
        return result.upload === source;
      case 'same content':
        return result.upload !== NONE && content(result.upload) === content(source);
      case 'result of a later upload':
        return result.upload >= source;
      case 'never':
        return false;
    }
  }

  /** Determined by the metadata of the last write, even if equal bytes keep the ETag unchanged. */
  const isOf = ({ upload, generation }: Result, worker: Worker) =>
    upload === worker.source && generation === worker.generation;
  /** Returns whether the source has the converted identity: its version id or, without versions, its ETag. */
  const isSameSource = (upload: number, other: number) =>
    protocol.skips === 'never' ? content(upload) === content(other) : upload === other;
  /**
   * Returns whether a result is right for an upload. Without versions and a stamp, equal contents are
   * indistinguishable.
   */
  const isRight = ({ upload }: Result, latest: number) =>
    mayLackStamp && upload !== NONE && latest !== NONE ? isSameSource(upload, latest) : upload === latest;

  const isNewer = ({ generation }: Result, worker: Worker) =>
    protocol.recipes === 'by generation' && generation > worker.generation;
  const isOfSameRecipe = ({ generation }: Result, worker: Worker) =>
    protocol.recipes === 'by generation'
      ? generation === worker.generation
      : generation !== NONE && recipe(generation) === recipe(worker.generation);

  function looksAgain(worker: Worker): boolean {
    if (protocol.looksAgain === 'never') return false;
    if (!hasStamp(worker.generation)) return true;
    const { upload, generation } = worker.result;
    return protocol.looksAgain === 'unless both have a stamp' && upload !== NONE && !hasStamp(generation);
  }

  /** Returns what a worker does once it has read both, in either order. */
  function decide(worker: Worker): 'done' | 'hand on' | 'convert' {
    const { result } = worker;
    if (isNewer(result, worker) && protocol.newer !== 'replaces it') {
      if (protocol.newer === 'acknowledges') return 'done';
      return protocol.skips === 'same upload' && isSkipped(worker) ? 'done' : 'hand on';
    }
    return isOfSameRecipe(result, worker) && isSkipped(worker) ? 'done' : 'convert';
  }

  function needsBackfill({ uploaded, deployed, result }: State): boolean {
    if (uploaded === 0) return false;
    if (result.upload !== uploaded - 1) return true;
    return protocol.recipes === 'by generation'
      ? result.generation < deployed
      : recipe(result.generation) !== recipe(deployed);
  }

  function afterBackfill(label: string, state: State) {
    return needsBackfill(state)
      ? {
          label: `${label}, and a backfill queues the key`,
          state: { ...state, messages: state.messages + 1 },
        }
      : { label, state };
  }

  function* steps(state: State, index: number): Generator<{ label: string; state: State }> {
    const worker = state.workers[index] ?? IDLE;
    const to = (label: string, next: Worker, changes: Partial<State> = {}) => ({
      label: `worker ${index + 1} ${label}`,
      state: { ...state, ...changes, workers: state.workers.with(index, next) },
    });
    const again = worker.overlapped ? {} : { messages: state.messages + 1 };
    /** Returns what follows a write that took effect. */
    const afterWrite: Worker = looksAgain(worker) ? { ...worker, at: 'stored' } : IDLE;
    const fromTheStart: Worker = {
      ...IDLE,
      at: 'begun',
      generation: worker.generation,
      overlapped: worker.overlapped,
    };
    const afterBoth = (label: string, seen: Worker) => {
      switch (decide(seen)) {
        case 'done':
          return to(`${label}, and leaves it at that`, IDLE);
        case 'hand on':
          return to(`${label}, and hands its message on`, IDLE, { messages: state.messages + 1 });
        case 'convert':
          return to(label, { ...seen, at: 'ready' });
      }
    };
    const latest = state.uploaded - 1;
    switch (worker.at) {
      case 'idle':
        if (state.messages > 0)
          for (const generation of runningGenerations(state))
            yield to(
              `receives a message under recipe ${recipe(generation)}`,
              { ...IDLE, at: 'begun', generation },
              { messages: state.messages - 1 },
            );
        return;
      case 'begun':
        if (protocol.resultFirst)
          yield to('looks at the result', { ...worker, at: 'read', result: state.result });
        else yield to('reads the source', { ...worker, at: 'read', source: latest });
        break;
      case 'read':
        if (protocol.resultFirst) yield afterBoth('reads the source', { ...worker, source: latest });
        else yield afterBoth('looks at the result', { ...worker, result: state.result });
        break;
      case 'ready': {
        const own = { upload: worker.source, generation: worker.generation };
        if (!protocol.conditional || etag(state.result) === etag(worker.result)) {
          yield to('stores its result', afterWrite, { result: own });
          yield to('stores its result and gets no answer', { ...worker, at: 'unsure' }, { result: own });
        } else {
          yield to('is refused', { ...worker, at: 'unsure' });
        }
        break;
      }
      case 'unsure':
        // The stamp in the metadata identifies the result's upload.
        if (isOf(state.result, worker)) yield to('finds its own result', afterWrite);
        else yield to('begins again', fromTheStart);
        break;
      case 'stored':
        if (isSameSource(worker.source, latest)) yield to('finds the source as it was', IDLE);
        else yield to('finds another source, and begins again', fromTheStart);
        break;
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
      deployed: 0,
      deploying: false,
      unfilled: false,
      result: ABSENT,
      messages: 0,
      duplicates: bounds.duplicates,
      crashes: bounds.crashes,
      overlaps: bounds.overlaps ?? 0,
      workers: Array.from({ length: bounds.workers }, () => IDLE),
    },

    // Workers are interchangeable.
    encode: ({ result, workers, ...others }) =>
      `${Object.values(others).join()},${codeOf(result)};` +
      workers
        .map(
          ({ at, generation, result: seen, source, overlapped }) =>
            `${at} ${generation},${codeOf(seen)},${source},${overlapped}`,
        )
        .toSorted((a, b) => (a < b ? -1 : 1))
        .join(';'),

    *next(state) {
      const { uploaded, deployed, messages } = state;
      if (uploaded < bounds.uploads.length) {
        const label = `${content(uploaded)} is uploaded`;
        yield { label, state: { ...state, uploaded: uploaded + 1, messages: messages + 1 } };
      }
      if (!state.deploying && deployed + 1 < bounds.recipes.length) {
        const label = `recipe ${recipe(deployed + 1)} is deployed`;
        yield { label, state: { ...state, deployed: deployed + 1, deploying: true, unfilled: false } };
      }
      if (state.deploying) {
        const over = { ...state, deploying: false };
        if (bounds.backfill === 'at once') yield afterBackfill('the deployment is over', over);
        else
          yield { label: 'the deployment is over', state: { ...over, unfilled: bounds.backfill !== false } };
      }
      if (
        state.unfilled &&
        !state.workers.some(({ generation }) => generation !== NONE && generation < deployed)
      )
        yield afterBackfill('no older invocation is left', { ...state, unfilled: false });
      if (state.duplicates > 0 && uploaded > 0) {
        const changes = { duplicates: state.duplicates - 1, messages: messages + 1 };
        yield { label: 'a message comes again', state: { ...state, ...changes } };
      }
      for (const index of state.workers.keys()) yield* steps(state, index);
    },

    violation(before, after) {
      const latest = before.uploaded - 1;
      const { result } = before;
      if (after === undefined) {
        if (!isRight(result, latest)) return `all is done, and the result is of upload ${result.upload + 1}`;
        return bounds.backfill === false ||
          result.generation === NONE ||
          recipe(result.generation) === recipe(before.deployed)
          ? undefined
          : `all is done, and the result is of recipe ${recipe(result.generation)}`;
      }
      const isThere = isRight(result, latest) && latest !== NONE && after.uploaded === before.uploaded;
      if (promises.keepsLatest && isThere && !isRight(after.result, latest))
        return `the latest result was replaced by that of upload ${after.result.upload + 1}`;
      return promises.keepsYoungest &&
        protocol.recipes === 'by generation' &&
        after.result.generation < result.generation
        ? `a result of recipe ${recipe(result.generation)} was replaced by one of an older generation`
        : undefined;
    },
  };
}

/** During a deployment, new invocations may run the previous version. */
function runningGenerations({ deployed, deploying }: State): number[] {
  return deploying ? [deployed - 1, deployed] : [deployed];
}

function codeOf({ upload, generation }: Result): string {
  return `${upload}.${generation}`;
}

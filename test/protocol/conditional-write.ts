import type { Model } from './explore.ts';

/** The protocol of docs/adr/0003 and 0013, and the simpler ones that it was chosen over. */
export interface Protocol {
  /** Whether a write names the ETag of the result that was seen. */
  conditional: boolean;
  /** What a result carries in its bytes: which upload it is of, and under which generation of the recipe it was made. */
  stamp: 'upload and generation' | 'upload' | 'none';
  /** Whether the result is looked at before the source is read. */
  resultFirst: boolean;
  /** When a worker leaves a result of its own generation as it is. */
  skips: 'same upload' | 'same content' | 'never' | 'result of a later upload';
  /** How a worker tells that a result was made under another recipe than its own. */
  recipes: 'by generation' | 'by name';
  /** What a worker does about a result of a younger generation that may be of another upload. */
  younger: 'hands its message on' | 'acknowledges' | 'replaces it';
}

export const CHOSEN: Protocol = {
  conditional: true,
  stamp: 'upload and generation',
  resultFirst: true,
  skips: 'same upload',
  recipes: 'by generation',
  younger: 'hands its message on',
};

/** What may happen to one key. Upload n has the nth letter as its content, generation n the nth letter as its recipe. */
export interface Bounds {
  uploads: string;
  recipes: string;
  workers: number;
  duplicates: number;
  crashes: number;
  /** Whether an operator runs one after each deployment. */
  backfill: boolean;
}

/** A number names an upload; NONE is no object. */
const NONE = -1;

interface Result {
  upload: number;
  /** Under which the result was made. */
  generation: number;
}

const ABSENT: Result = { upload: NONE, generation: NONE };

interface Worker {
  at: 'idle' | 'begun' | 'read' | 'ready' | 'unsure';
  /** Of the version that its invocation runs. */
  generation: number;
  result: Result;
  source: number;
}

interface State {
  uploaded: number;
  /** Generation of the deployed recipe. */
  deployed: number;
  /** The deployment is not over, and what older generations made is not queued for the deployed one. */
  deploying: boolean;
  result: Result;
  /** Messages that may be received. They say no more than that the key may be dirty. */
  messages: number;
  duplicates: number;
  crashes: number;
  workers: Worker[];
}

const IDLE: Worker = { at: 'idle', generation: NONE, result: ABSENT, source: NONE };

export function modelOf(protocol: Protocol, bounds: Bounds): Model<State> {
  const content = (upload: number) => bounds.uploads[upload];
  const recipe = (generation: number) => bounds.recipes[generation];

  /** By the bytes alone: without the stamp, equal contents under equal recipes make equal results. */
  function etag({ upload, generation }: Result): string {
    if (upload === NONE) return 'absent';
    const bytes = `${content(upload)} by ${recipe(generation)}`;
    if (protocol.stamp === 'none') return bytes;
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

  const isYounger = ({ generation }: Result, worker: Worker) =>
    protocol.recipes === 'by generation' && generation > worker.generation;
  const isOfSameRecipe = ({ generation }: Result, worker: Worker) =>
    protocol.recipes === 'by generation'
      ? generation === worker.generation
      : generation !== NONE && recipe(generation) === recipe(worker.generation);

  /** What a worker does once it has looked at both, in whichever order. */
  function decide(worker: Worker): 'done' | 'hand on' | 'convert' {
    const { result } = worker;
    if (isYounger(result, worker) && protocol.younger !== 'replaces it') {
      if (protocol.younger === 'acknowledges') return 'done';
      return protocol.skips === 'same upload' && isSkipped(worker) ? 'done' : 'hand on';
    }
    return isOfSameRecipe(result, worker) && isSkipped(worker) ? 'done' : 'convert';
  }

  function needsBackfill({ uploaded, deployed, result }: State): boolean {
    if (!bounds.backfill || uploaded === 0) return false;
    if (result.upload !== uploaded - 1) return true;
    return protocol.recipes === 'by generation'
      ? result.generation < deployed
      : recipe(result.generation) !== recipe(deployed);
  }

  function* steps(state: State, index: number): Generator<{ label: string; state: State }> {
    const worker = state.workers[index] ?? IDLE;
    const to = (label: string, next: Worker, changes: Partial<State> = {}) => ({
      label: `worker ${index + 1} ${label}`,
      state: { ...state, ...changes, workers: state.workers.with(index, next) },
    });
    const again = { messages: state.messages + 1 };
    const afterBoth = (label: string, seen: Worker) => {
      switch (decide(seen)) {
        case 'done':
          return to(`${label}, and leaves it at that`, IDLE);
        case 'hand on':
          return to(`${label}, and hands its message on`, IDLE, again);
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
          yield to('stores its result', IDLE, { result: own });
          yield to('stores its result and gets no answer', { ...worker, at: 'unsure' }, { result: own });
        } else {
          yield to('is refused', { ...worker, at: 'unsure' });
        }
        break;
      }
      case 'unsure':
        // The stamp tells whose the result is.
        if (etag(state.result) === etag({ upload: worker.source, generation: worker.generation }))
          yield to('finds its own result', IDLE);
        else yield to('begins again', { ...IDLE, at: 'begun', generation: worker.generation });
        break;
    }
    if (state.crashes > 0) yield to('crashes', IDLE, { ...again, crashes: state.crashes - 1 });
  }

  return {
    initial: {
      uploaded: 0,
      deployed: 0,
      deploying: false,
      result: ABSENT,
      messages: 0,
      duplicates: bounds.duplicates,
      crashes: bounds.crashes,
      workers: Array.from({ length: bounds.workers }, () => IDLE),
    },

    // Which worker does what makes no difference.
    encode: ({ uploaded, deployed, deploying, result, messages, duplicates, crashes, workers }) =>
      `${uploaded},${deployed},${deploying},${codeOf(result)},${messages},${duplicates},${crashes};` +
      workers
        .map(({ at, generation, result: seen, source }) => `${at} ${generation},${codeOf(seen)},${source}`)
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
        yield { label, state: { ...state, deployed: deployed + 1, deploying: true } };
      }
      if (state.deploying) {
        const over = { ...state, deploying: false };
        if (needsBackfill(state))
          yield {
            label: 'the deployment is over, and a backfill queues the key',
            state: { ...over, messages: messages + 1 },
          };
        else yield { label: 'the deployment is over', state: over };
      }
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
        if (result.upload !== latest) return `all is done, and the result is of upload ${result.upload + 1}`;
        return !bounds.backfill ||
          result.generation === NONE ||
          recipe(result.generation) === recipe(before.deployed)
          ? undefined
          : `all is done, and the result is of recipe ${recipe(result.generation)}`;
      }
      const replaced = result.upload === latest && latest !== NONE && after.uploaded === before.uploaded;
      if (replaced && after.result.upload !== latest)
        return `the latest result was replaced by that of upload ${after.result.upload + 1}`;
      return protocol.recipes === 'by generation' && after.result.generation < result.generation
        ? `a result of recipe ${recipe(result.generation)} was replaced by one of an older generation`
        : undefined;
    },
  };
}

/** While a deployment is under way, new invocations may be of the version before it. */
function runningGenerations({ deployed, deploying }: State): number[] {
  return deploying ? [deployed - 1, deployed] : [deployed];
}

function codeOf({ upload, generation }: Result): string {
  return `${upload}.${generation}`;
}

import { LIMITS } from '../../contract/limits.ts';
import type { BatchCounts, BatchObject } from '../../contract/types.ts';
import { api, reasonOf } from '../shared/api.ts';

/** Rows and cards a list begins with, and grows by. */
export const STEP = 60;
const PAUSE_MILLISECONDS = 1000;

/** The server's data about the batch that the page shows. */
export interface Watched {
  counts: Pick<BatchCounts, 'uploaded' | 'converted' | 'failed' | 'pending' | 'ignored'>;
  converted: readonly BatchObject[];
  failed: readonly BatchObject[];
  /** Why the last look failed, in words; empty when it did not. */
  trouble: string;
}

export interface BatchWatch {
  readonly seen: Watched;
  /** Whether the server has answered at all. */
  readonly known: boolean;
  /** Shows more of a list. */
  more(list: 'converted' | 'failed'): void;
  /** Looks soon, and again for as long as `isLive`. */
  wake(): void;
}

/**
 * Looks at a batch again and again while something may change. The lists are asked for only when their count has
 * changed or they are to be longer.
 */
export function watchBatch(batch: string, isLive: () => boolean, onChange: () => void): BatchWatch {
  const seen: Watched = {
    counts: { uploaded: 0, converted: 0, failed: 0, pending: 0, ignored: 0 },
    converted: [],
    failed: [],
    trouble: '',
  };
  const wanted = { converted: STEP, failed: STEP };
  const fetched = { converted: '', failed: '' };
  let known = false;
  let looking = false;
  let asked = false;

  async function look(): Promise<void> {
    looking = true;
    do {
      asked = false;
      const begun = performance.now();
      try {
        seen.counts = await api.getBatch({ batch });
        await Promise.all([list('failed'), list('converted')]);
        seen.trouble = '';
        known = true;
      } catch (error) {
        seen.trouble = reasonOf(error);
      }
      onChange();
      // A slow server is asked less often.
      const pause = Math.max(PAUSE_MILLISECONDS, 2 * (performance.now() - begun));
      if (asked || isLive()) await new Promise((resolve) => setTimeout(resolve, pause));
    } while (asked || isLive());
    looking = false;
  }

  async function list(state: 'converted' | 'failed'): Promise<void> {
    const limit = Math.min(wanted[state], LIMITS.listedObjects);
    const request = `${seen.counts[state]} ${limit}`;
    if (fetched[state] === request) return;
    seen[state] = seen.counts[state] === 0 ? [] : (await api.listBatch({ batch, state, limit })).objects;
    fetched[state] = request;
  }

  const wake = () => {
    asked = true;
    if (!looking) void look();
  };
  return {
    seen,
    get known() {
      return known;
    },
    wake,
    more(state) {
      wanted[state] += STEP;
      wake();
    },
  };
}

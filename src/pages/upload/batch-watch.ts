import { countBatch } from '../../client/batch.ts';
import { LIMITS } from '../../contract/limits.ts';
import type { BatchCounts, BatchObject } from '../../contract/types.ts';
import { api, reasonOf } from '../shared/api.ts';

/** A list's initial number of rows or cards, and the number added on request. */
export const STEP = 60;
const PAUSE_MILLISECONDS = 1000;

/** The server's data about the batch that the page shows. */
export interface Watched {
  counts: Pick<BatchCounts, 'uploaded' | 'converted' | 'failed' | 'pending' | 'ignored'>;
  converted: readonly BatchObject[];
  failed: readonly BatchObject[];
  /** Why the last update failed, for people; empty if it succeeded. */
  trouble: string;
}

export interface BatchWatch {
  readonly seen: Watched;
  /** Whether the server has responded at all. */
  readonly known: boolean;
  /** Shows more of a list. */
  more(list: 'converted' | 'failed'): void;
  /** Updates soon, and repeatedly while `isLive` or after a failed update. */
  wake(): void;
}

/**
 * Polls a batch while something may change. Requests the lists only if their count has changed or they must be longer.
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
        seen.counts = await countBatch(api, batch);
        await Promise.all([list('failed'), list('converted')]);
        seen.trouble = '';
        known = true;
      } catch (error) {
        seen.trouble = reasonOf(error);
      }
      onChange();
      // Polls a slow server less often.
      const pause = Math.max(PAUSE_MILLISECONDS, 2 * (performance.now() - begun));
      const goesOn = () => asked || isLive() || seen.trouble !== '';
      if (goesOn()) await new Promise((resolve) => setTimeout(resolve, pause));
      if (!goesOn()) looking = false;
    } while (looking);
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

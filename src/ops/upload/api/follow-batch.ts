import { pause } from '../../pause.ts';
import { countsSchema, objectsSchema } from './answers.ts';
import { ask, type Send } from './client.ts';

/** Of a batch, as the API counts it. */
export interface Counts {
  uploaded: number;
  converted: number;
  failed: number;
  pending: number;
  ignored: number;
}

/** What one request of the API counts; more cannot be followed by counts. */
export const MOST_FOLLOWED = 50_000;
const LOOK_MILLISECONDS = 1000;
const PAGE = 1000;

/** Waits until so many files of a batch are there and each has come to an end. @returns the last counts */
export async function followBatch(
  send: Send,
  batch: string,
  uploaded: number,
  stop: AbortSignal,
  onCounts: (counts: Counts) => void,
): Promise<Counts> {
  for (;;) {
    const counts = await ask(send, countsSchema, `/batches/${batch}`, { stop });
    onCounts(counts);
    if ((counts.pending === 0 && counts.uploaded >= uploaded) || stop.aborted) return counts;
    await pause(LOOK_MILLISECONDS, stop);
  }
}

/** The objects of a batch that have come to this end. */
export async function* listBatch(
  send: Send,
  batch: string,
  state: 'converted' | 'failed' | 'ignored',
  stop: AbortSignal,
) {
  let after: string | undefined;
  do {
    const query = new URLSearchParams({
      state,
      limit: String(PAGE),
      ...(after === undefined ? {} : { after }),
    });
    const page = await ask(send, objectsSchema, `/batches/${batch}/objects?${query.toString()}`, { stop });
    yield* page.objects;
    after = page.next;
  } while (after !== undefined);
}

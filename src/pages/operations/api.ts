import type * as z from 'zod';
import type * as schemas from '../../api/operations-schemas.ts';
import { call, request } from '../shared/call.ts';

export type Summary = z.infer<typeof schemas.summarySchema>;
export type Filter = z.infer<typeof schemas.filterSchema>;
export type Group = z.infer<typeof schemas.groupSchema>;
export type Groups = z.infer<typeof schemas.groupsSchema>;
export type Letter = z.infer<typeof schemas.letterSchema>;
export type Letters = z.infer<typeof schemas.lettersSchema>;
export type LetterDetail = z.infer<typeof schemas.letterDetailSchema>;
export type RedriveRequest = z.input<typeof schemas.redriveRequestSchema>;
export type Redrive = z.infer<typeof schemas.redriveSchema>;
export type Redrives = z.infer<typeof schemas.redrivesSchema>;
type PurgeRequest = z.infer<typeof schemas.purgeRequestSchema>;
type Purged = z.infer<typeof schemas.purgedSchema>;

const at = encodeURIComponent;

export const api = {
  summary: () => call<Summary>('GET', '/ops/summary'),
  groups: () => inTurn(() => call<Groups>('GET', '/ops/dead-letters')),
  letters: (filter: Filter) => inTurn(() => call<Letters>('GET', `/ops/dead-letters/list${query(filter)}`)),
  letter: (id: string) => inTurn(() => call<LetterDetail>('GET', `/ops/dead-letters/${at(id)}`)),
  /** JSON lines; not complete where there are more than one answer may hold, or others hide some. */
  export: (filter: Filter) =>
    inTurn(async () => {
      const answer = await request('GET', `/ops/dead-letters/export${query(filter)}`);
      return { copy: await answer.blob(), complete: answer.headers.get('millrace-complete') !== 'false' };
    }),
  plan: (filter: Filter) =>
    inTurn(() => call<Groups>('POST', '/ops/redrives', { filter, plan: true } satisfies RedriveRequest)),
  redrive: (wanted: RedriveRequest) => call<Redrive>('POST', '/ops/redrives', wanted),
  redrives: () => call<Redrives>('GET', '/ops/redrives'),
  redriven: (id: string) => call<Redrive>('GET', `/ops/redrives/${at(id)}`),
  cancel: (id: string) => call<Redrive>('POST', `/ops/redrives/${at(id)}/cancel`, {}),
  purge: (wanted: PurgeRequest) => inTurn(() => call<Purged>('POST', '/ops/purges', wanted)),
  /** Whether something reads the queue just now, and hides messages meanwhile. */
  readsQueue: () => reading > 0,
};

let last: Promise<unknown> = Promise.resolve();
let reading = 0;

/** One at a time: whoever reads a queue hides its messages from others for as long. */
function inTurn<T>(ask: () => Promise<T>): Promise<T> {
  reading += 1;
  const answer = last.then(ask, ask).finally(() => (reading -= 1));
  last = answer.catch(() => undefined);
  return answer;
}

function query(filter: Filter): string {
  const parts = Object.entries(filter).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return parts.length === 0 ? '' : `?${new URLSearchParams(parts)}`;
}

import type {
  DeadLetterFilter,
  DeadLetterGroups,
  DeadLetterInFull,
  AnswerOf,
  RequestOf,
  Redrive,
  RedriveRequest,
  Redrives,
  Summary,
} from '../../contract/types.ts';
import { call, request } from '../shared/call.ts';

const at = encodeURIComponent;

export const api = {
  summary: () => call<Summary>('GET', '/ops/summary'),
  groups: () => inTurn(() => call<DeadLetterGroups>('GET', '/ops/dead-letters')),
  letters: (filter: DeadLetterFilter) =>
    inTurn(() => call<AnswerOf<'listDeadLetters'>>('GET', `/ops/dead-letters/list${query(filter)}`)),
  letter: (id: string) => inTurn(() => call<DeadLetterInFull>('GET', `/ops/dead-letters/${at(id)}`)),
  /** JSON lines; not complete where there are more than one answer may hold, or others hide some. */
  export: (filter: DeadLetterFilter) =>
    inTurn(async () => {
      const answer = await request('GET', `/ops/dead-letters/export${query(filter)}`);
      return { copy: await answer.blob(), complete: answer.headers.get('millrace-complete') !== 'false' };
    }),
  plan: (filter: DeadLetterFilter) =>
    inTurn(() =>
      call<DeadLetterGroups>('POST', '/ops/redrives', { filter, plan: true } satisfies RedriveRequest),
    ),
  redrive: (wanted: RedriveRequest) => call<Redrive>('POST', '/ops/redrives', wanted),
  redrives: () => call<Redrives>('GET', '/ops/redrives'),
  redriven: (id: string) => call<Redrive>('GET', `/ops/redrives/${at(id)}`),
  cancel: (id: string) => call<Redrive>('POST', `/ops/redrives/${at(id)}/cancel`, {}),
  purge: (wanted: RequestOf<'purgeDeadLetters'>) =>
    inTurn(() => call<AnswerOf<'purgeDeadLetters'>>('POST', '/ops/purges', wanted)),
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

function query(filter: DeadLetterFilter): string {
  const parts = Object.entries(filter).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return parts.length === 0 ? '' : `?${new URLSearchParams(parts)}`;
}

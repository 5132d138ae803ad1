import type {
  DeadLetterFilter,
  DeadLetterGroups,
  Redrive,
  RedriveRequest,
  RequestOf,
} from '../../contract/types.ts';
import { api as client } from '../shared/api.ts';

export const api = {
  summary: () => client.getOperationsSummary(),
  groups: () => inTurn(() => client.groupDeadLetters()),
  letters: (filter: DeadLetterFilter) => inTurn(() => client.listDeadLetters(filter)),
  letter: (id: string) => inTurn(() => client.getDeadLetter({ id })),
  /** JSON lines. Incomplete if the dead letters exceed one response or other readers hide some. */
  export: (filter: DeadLetterFilter) => inTurn(() => client.exportDeadLetters(filter)),
  // `plan` determines which of the two is returned.
  plan: (filter: DeadLetterFilter) =>
    inTurn(async () => (await client.createRedrive({ filter, plan: true })) as DeadLetterGroups),
  redrive: async (wanted: Omit<RedriveRequest, 'plan'>) => (await client.createRedrive(wanted)) as Redrive,
  redrives: () => client.listRedrives(),
  redriven: (id: string) => client.getRedrive({ id }),
  cancel: (id: string) => client.cancelRedrive({ id }),
  purge: (wanted: RequestOf<'purgeDeadLetters'>) => inTurn(() => client.purgeDeadLetters(wanted)),
  /** Whether a request is reading the queue, which temporarily hides messages. */
  readsQueue: () => reading > 0,
};

let last: Promise<unknown> = Promise.resolve();
let reading = 0;

/** One request at a time, because reading a queue hides its messages from other readers. */
function inTurn<T>(ask: () => Promise<T>): Promise<T> {
  reading += 1;
  const answer = last.then(ask, ask).finally(() => (reading -= 1));
  last = answer.catch(() => undefined);
  return answer;
}

import { seededRandom } from '@millrace/local-aws/models';
import type { Action } from '../scenario.ts';

const SHARE = 0.15;
const MOST_ROUNDS = 3;
/** Enough to fill the time between a removal's checks. */
const CONTENTS = ['X', 'X', 'Y'] as const;

/**
 * Adds removals of orphans to the actions in some scenarios, each near a deletion of its upload and near an upload or
 * an undone deletion. Drawn separately, so that it changes nothing else in a scenario.
 */
export function addRemovals(seed: number, actions: Action[]): void {
  const random = seededRandom(seed ^ 0x4c957f2);
  if (random() >= SHARE) return;
  const key = 'a.jpg';
  const pick = <T>(choices: readonly T[]) => choices[Math.floor(random() * choices.length)] as T;
  let at = 0;
  const add = (action: Action, distance: number) => {
    at += Math.floor(random() * (1 + actions.length - at) * distance);
    actions.splice(at, 0, action);
    at += 1;
  };
  for (let left = 1 + Math.floor(random() * MOST_ROUNDS); left > 0; left -= 1) {
    if (random() < 0.6) add({ kind: 'upload', key, content: pick(CONTENTS) }, 0.3);
    add({ kind: 'delete', key }, 0.4);
    add({ kind: 'remove orphans' }, 0.2);
    if (random() < 0.8)
      add(random() < 0.4 ? { kind: 'undelete', key } : { kind: 'upload', key, content: pick(CONTENTS) }, 0);
  }
}
